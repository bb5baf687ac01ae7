"""What a backend can do, as data: judged by the conformance kit, shown by ``describe`` and the docs."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Capability(StrEnum):
    """One thing that a backend may be able to do."""

    SIGNIN = "signin"
    CALLBACK = "callback"
    CREATE_SESSIONS = "create_sessions"
    REFRESH = "refresh"
    REVOKE = "revoke"
    LIST_SESSIONS = "list_sessions"
    REVOKE_ALL = "revoke_all"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities of one backend, so configured.

    Attributes:
        offered: What it can do; every other operation raises ``OperationUnsupportedError``. Who begins
            sessions (``signin``, ``create_sessions``) ends them too: ``revoke`` is a must then.
        revocation_lag: The longest time for which a revoked session may still be answered as active.
    """

    offered: frozenset[Capability]
    revocation_lag: timedelta = timedelta(0)

    def __contains__(self, capability: Capability) -> bool:
        """Whether the backend can do it."""
        return capability in self.offered
