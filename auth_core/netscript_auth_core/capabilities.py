"""What a backend can do, as data: judged by the conformance kit, shown by ``describe`` and the docs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from netscript_auth_core.errors import OperationUnsupportedError


class Capability(StrEnum):
    """One thing that a backend may be able to do."""

    SIGNIN = "signin"
    CALLBACK = "callback"
    CREATE_SESSIONS = "create_sessions"
    REFRESH = "refresh"
    REVOKE = "revoke"
    LIST_SESSIONS = "list_sessions"
    REVOKE_ALL = "revoke_all"
    UPSTREAM_LOGOUT = "upstream_logout"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities of one backend, so configured.

    Attributes:
        offered: What it can do; every other operation raises ``OperationUnsupportedError``. Who begins
            sessions (``signin``, ``create_sessions``) ends them too: ``revoke`` is a must then.
        revocation_lag: The longest time for which a revoked session may still be answered as active.
        why_not: One sentence for each capability that is not offered: why, and which way to go instead.
        sign_in_url: Where people sign in, if not here and if that is known.
        needs_upstream: Whether the upstream keeps the sessions. It is asked before one is said to have ended
            then; while it is away, a session answers for ``revocation_lag`` after it was vouched for.
    """

    offered: frozenset[Capability]
    revocation_lag: timedelta = timedelta(0)
    why_not: Mapping[Capability, str] = field(default_factory=lambda: MappingProxyType({}))
    sign_in_url: str | None = None
    needs_upstream: bool = False

    def __contains__(self, capability: Capability) -> bool:
        """Whether the backend can do it."""
        return capability in self.offered

    @property
    def refused(self) -> Mapping[Capability, str]:
        """Each capability that is not offered, with the reason, in the order of :class:`Capability`."""
        missing = (each for each in Capability if each not in self.offered)
        return {each: self.why_not.get(each, _NO_REASON) for each in missing}

    def refusal(self, backend: str, capability: Capability) -> OperationUnsupportedError:
        """Return the error that answers who asks for what is not offered."""
        elsewhere = self.sign_in_url if capability in _SIGN_IN else None
        why = self.why_not.get(capability, _NO_REASON)
        return OperationUnsupportedError(backend, capability.value, why, sign_in_url=elsewhere)


_SIGN_IN: Final = frozenset({Capability.SIGNIN, Capability.CALLBACK, Capability.STEP_UP})
_NO_REASON: Final = "its adapter does not say why"
