"""The ports of a guarded service: who calls, and whether they may. "Could not find out" is an error."""

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol, TypeAlias

from netscript_kernel.contracts import AnyOperation, Contract, ProblemSpec
from netscript_kernel.errors import NetScriptError

Scope: TypeAlias = MutableMapping[str, Any]
"""Of an ASGI request."""


class Principal(Protocol):
    """Who acts. What brings an authenticator along may have more to say of them."""

    @property
    def subject(self) -> str:
        """Who: stable, and the same whoever asks."""
        ...

    @property
    def scopes(self) -> Collection[str]:
        """What they were granted."""
        ...

    @property
    def roles(self) -> Collection[str]:
        """What they are."""
        ...


@dataclass(frozen=True, slots=True)
class KnownPrincipal:
    """A principal of whom no more is known."""

    subject: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Somebody calls.

    Attributes:
        principal: Who.
        set_cookies: Whole ``Set-Cookie`` values for the caller, where a credential was renewed on the way.
    """

    principal: Principal
    set_cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody calls whom we know.

    Attributes:
        reason: A code that says why, such as ``no_credential``.
        challenge: ``WWW-Authenticate`` of the refusal (RFC 9110 section 11.6.1).
        set_cookies: As :class:`Authenticated` has them, such as one that is deleted.
    """

    reason: str
    challenge: str = "Bearer"
    set_cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """The credential is good, but does not let its holder in at all.

    Attributes:
        reason: A code that says why, such as ``account_disabled``.
        set_cookies: As :class:`Authenticated` has them.
    """

    reason: str
    set_cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


Authentication: TypeAlias = Authenticated | Anonymous | Denied


class AuthenticationUnavailableError(NetScriptError):
    """Could not find out who calls. Nobody is let in then, and nobody is anonymous.

    Attributes:
        retry_after: When it makes sense to try again.
    """

    reason: ClassVar[str] = "authentication_unavailable"

    def __init__(self, problem: str, retry_after: timedelta = timedelta(seconds=5)) -> None:
        self.retry_after = retry_after
        super().__init__(f"could not find out who calls: {problem}")


class AccessRefusedError(NetScriptError):
    """Raised by whatever judges a caller, to turn a request away; a service answers with what it says.

    Attributes:
        spec: Code, status and title.
        data: For programs: always a ``reason``.
        headers: Of the answer.
        detail: For people.
    """

    reason: ClassVar[str] = "refused"

    def __init__(
        self,
        spec: ProblemSpec,
        *,
        data: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
        detail: str | None = None,
    ) -> None:
        self.spec = spec
        self.data = data
        self.headers: Mapping[str, str] = headers or {}
        self.detail = detail
        super().__init__(f"{spec.code}: {data.get('reason')}")


class AuthenticatorPort(Protocol):
    """Finds out who calls."""

    async def authenticate(self, scope: Scope) -> Authentication:
        """Find out who sent a request, by its headers alone.

        Raises:
            AuthenticationUnavailableError: could not find out. Any other error means the same.
        """
        ...

    async def start(self) -> None:
        """Begin what works behind the requests; the service calls it as it starts."""
        ...

    async def aclose(self) -> None:
        """End that, and close connections; the service calls it as it stops."""
        ...


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What somebody wants.

    Attributes:
        method: HTTP method; that of ``HEAD`` is ``GET``.
        path: Below the prefix under which the service is mounted.
        contract: Whose operation it is; ``None`` for a route that belongs to no contract.
        operation_name: Which one; ``None`` likewise.
    """

    method: str
    path: str
    contract: type[Contract] | None = None
    operation_name: str | None = None

    def wants(self, operation: AnyOperation) -> bool:
        """Whether it is this operation that somebody wants."""
        if self.contract is None or self.operation_name is None:
            return False
        return self.contract.operations[self.operation_name] is operation


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may."""


@dataclass(frozen=True, slots=True)
class Refused:
    """They may not.

    Attributes:
        reason: A code that says why, such as ``scope_missing``.
        missing: Scopes or roles that they lack.
    """

    reason: str
    missing: tuple[str, ...] = ()


Decision: TypeAlias = Allowed | Refused


class AuthorizerPort(Protocol):
    """Decides whether somebody may do something."""

    async def authorize(self, principal: Principal, request: AccessRequest) -> Decision | None:
        """Decide, or return ``None`` where nothing is said about such a request.

        Any error means that nobody could find out, and lets nobody in.
        """
        ...
