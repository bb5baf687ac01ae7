"""What goes wrong in auth, split by who failed. No HTTP in here, and no secret.

::

    NetScriptError
    └── AuthError
        ├── InvalidInputError            the caller sent something that cannot be used
        ├── FlowRefusedError             this sign-in may not go on; says why by a reason code
        │   └── RestartSigninError       the upstream sent somebody whom we did not send there: begin here
        ├── LogoutRefusedError           this is no logout token of that upstream; ends nothing
        ├── OperationUnsupportedError    the active backend cannot do this
        ├── SessionEndedError            the session ended while it was being worked on
        ├── ProviderProtocolError        the provider answered, but not in its protocol
        ├── BackendUnavailableError      could not find out; try again later
        ├── BackendNotFoundError         no installed adapter has the requested name
        └── CapabilityMismatchError      an adapter does not keep what it declares, or what the port demands
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from netscript_auth_core.reasons import AnonymousReason, FlowReason, LogoutReason
from netscript_kernel.errors import NetScriptError


class AuthError(NetScriptError):
    """Base of every error of auth."""

    reason: ClassVar[str] = "auth_error"


class InvalidInputError(AuthError):
    """A value that the caller sent cannot be used. The value itself is not repeated."""

    reason: ClassVar[str] = "invalid_input"

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")


class FlowRefusedError(AuthError):
    """A sign-in was refused. Nobody was signed in, nothing was changed for whoever is.

    Attributes:
        code: Which check refused.
        expected: What the check wanted, for the operator; never a secret.
        seen: What it got instead, capped; never a secret.
    """

    reason: ClassVar[str] = "flow_refused"

    def __init__(
        self, code: FlowReason, *, expected: str | None = None, seen: str | None = None, provider_id: str = ""
    ) -> None:
        self.code = code
        self.expected = expected
        self.seen = seen[:200] if seen is not None else None
        self.provider_id = provider_id
        super().__init__(f"sign-in refused: {code.value}")


class RestartSigninError(FlowRefusedError):
    """The upstream began a sign-in on its own, by an invitation for example: it has to begin here.

    What came with it is of no use: nothing binds it to this browser.
    """

    reason: ClassVar[str] = "restart_signin"

    def __init__(self, provider_id: str) -> None:
        super().__init__(FlowReason.PARAMETER_MISSING, expected="state", seen="none", provider_id=provider_id)


class LogoutRefusedError(AuthError):
    """A logout token was refused. No session ended by it.

    Attributes:
        code: Which check refused.
        expected: What the check wanted, for the operator; never a secret.
        seen: What it got instead, capped; never a secret.
        provider_id: One of ours, or empty.
    """

    reason: ClassVar[str] = "logout_refused"

    def __init__(
        self,
        code: LogoutReason,
        *,
        expected: str | None = None,
        seen: str | None = None,
        provider_id: str = "",
    ) -> None:
        self.code = code
        self.expected = expected
        self.seen = seen[:200] if seen is not None else None
        self.provider_id = provider_id
        super().__init__(f"logout token refused: {code.value}")


class OperationUnsupportedError(AuthError):
    """The active backend cannot do this, and says why and which way to go instead.

    Attributes:
        sign_in_url: Where people sign in instead, if that is what was asked for and known.
    """

    reason: ClassVar[str] = "operation_unsupported"

    def __init__(self, backend: str, operation: str, why: str, *, sign_in_url: str | None = None) -> None:
        self.backend = backend
        self.operation = operation
        self.why = why
        self.sign_in_url = sign_in_url
        super().__init__(f"the {backend} backend does not offer {operation}: {why}")


class SessionEndedError(AuthError):
    """The session ended, was revoked for example, while it was being refreshed or changed."""

    reason: ClassVar[str] = "session_ended"

    def __init__(self, cause: AnonymousReason) -> None:
        self.cause = cause
        super().__init__(f"the session ended: {cause.value}")


class ProviderProtocolError(AuthError):
    """The identity provider answered something that is not in its protocol, such as HTML for JSON."""

    reason: ClassVar[str] = "provider_protocol"

    def __init__(self, provider_id: str, problem: str) -> None:
        self.provider_id = provider_id
        self.problem = problem
        super().__init__(f"the provider {provider_id} answered out of protocol: {problem}")


class BackendUnavailableError(AuthError):
    """Could not find out: a store, key set or remote system did not answer. Never an anonymous answer."""

    reason: ClassVar[str] = "backend_unavailable"

    def __init__(self, backend: str, problem: str, retry_after: timedelta = timedelta(seconds=5)) -> None:
        self.backend = backend
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(f"the {backend} backend could not find out: {problem}")


class BackendNotFoundError(AuthError):
    """No installed adapter registered the requested name."""

    reason: ClassVar[str] = "backend_not_found"

    def __init__(self, name: str, installed: Iterable[str]) -> None:
        self.name = name
        self.installed = tuple(sorted(set(installed)))
        known = ", ".join(self.installed) or "none"
        super().__init__(f"no auth backend named {name[:40]!r}; installed: {known}")


class CapabilityMismatchError(AuthError):
    """An adapter is not what it declares, or hands out what the port does not allow.

    A part may be missing or undeclared; a session token may not fit into a cookie.
    """

    reason: ClassVar[str] = "capability_mismatch"

    def __init__(self, backend: str, problem: str) -> None:
        self.backend = backend
        super().__init__(f"the {backend} backend is not what it has to be: {problem}")
