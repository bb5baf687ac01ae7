"""AuthBackendPort: what every auth backend promises, whatever stands behind it.

``netscript_auth_core.memory`` keeps all of it in little code; start reading there.

Three answers are values: somebody (:class:`Authenticated`), nobody (:class:`Anonymous`), somebody who
may not (:class:`Denied`). The fourth, "could not find out", is raised as ``BackendUnavailableError``: a
backend that is down never turns into an anonymous user, and never into a signed-in one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, runtime_checkable

from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.domain import (
    AuthSession,
    AuthUser,
    Device,
    ExternalIdentity,
    Principal,
    ProviderDescriptor,
)
from netscript_auth_core.reasons import AnonymousReason, DenialReason

MOST_COOKIE_CHARACTERS = 2048
"""How long a flow cookie's value and a session token may be: with name and signature, 4096 bytes must do."""


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """What a backend may look at to find out who asks. Nothing of a web framework.

    Credentials never show in the ``repr`` of this class or of the others here.

    Attributes:
        session_tokens: Every value of our session cookie, in the order sent; more than one is ambiguous.
        headers: Lower-case name to value, for backends that read credentials of their own.
    """

    session_tokens: tuple[str, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """A session with its person."""

    session: AuthSession
    user: AuthUser


@dataclass(frozen=True, slots=True)
class EncodedViews:
    """Answers of ``/session`` and ``/me`` for one identity, encoded once and kept with the session."""

    session: bytes
    me: bytes


class Authenticated:
    """Somebody is signed in.

    Args:
        load: Gives the identity; called at most once, and only if somebody asks for it, so that a check that
            is answered from ``views`` decodes nothing.
        views: Encoded answers, where the backend keeps them: what ``encode_views`` of the contract makes of
            this identity.
    """

    __slots__ = ("_identity", "_load", "views")

    def __init__(self, load: Callable[[], Identity], views: EncodedViews | None = None) -> None:
        self._load = load
        self._identity: Identity | None = None
        self.views = views

    @property
    def identity(self) -> Identity:
        """The session and its person."""
        if self._identity is None:
            self._identity = self._load()
        return self._identity


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody is signed in, and why."""

    reason: AnonymousReason


@dataclass(frozen=True, slots=True)
class Denied:
    """The credential is good, but its holder may not come in."""

    reason: DenialReason


Outcome: TypeAlias = Authenticated | Anonymous | Denied


@dataclass(frozen=True, slots=True)
class FlowCookie:
    """Binds a sign-in to the browser that began it; the service writes and reads it as a cookie.

    Attributes:
        flow_id: Part of the cookie's name: 1 to 32 characters of ``[A-Za-z0-9_-]``.
        value: Signed; opaque to the service. 1 to 2048 cookie-octets (RFC 6265 section 4.1.1): printable
            ASCII without space, double quote, comma, semicolon and backslash.
        lifetime: How long the browser keeps it.
    """

    flow_id: str
    value: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class SigninRequest:
    """A wish to sign in.

    Attributes:
        provider_id: Which provider; ``None`` where there is only one.
        return_to: Where to land afterwards, already checked against the allow-list by the service.
        login_hint: Passed on to the provider as the value of one parameter, whatever it contains.
        scopes: A subset of the provider's configured scopes, or empty for all of them.
    """

    provider_id: str | None
    return_to: str
    login_hint: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigninStarted:
    """Where to send the browser, and what to leave with it.

    Attributes:
        provider_id: The one that was asked for, or the only one.
        redirect_url: The provider's page, for this sign-in only.
        state: At least 128 random bits; comes back in the callback.
        cookie: To be set in the browser that is sent there.
    """

    provider_id: str
    redirect_url: str = field(repr=False)
    state: str = field(repr=False)
    cookie: FlowCookie


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """What came back through the browser.

    Attributes:
        parameters: Names and values exactly as they arrived, repeated ones repeated. Those that no standard
            names are passed over.
        provider_id: From the path, where the callback has one for each provider.
        flow_cookies: flow_id to cookie value, of this browser.
        session_tokens: Of this browser; the session that the new one replaces is ended, whoever's it was.
            A sign-in that is refused leaves it alone.
        device: What the browser says of itself.
    """

    parameters: Sequence[tuple[str, str]] = field(repr=False)
    provider_id: str | None = None
    flow_cookies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    session_tokens: tuple[str, ...] = field(default=(), repr=False)
    device: Device = field(default_factory=Device)


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """A new session with its credential, which is handed out this once and stored nowhere.

    Attributes:
        token: 1 to 2048 cookie-octets, as ``FlowCookie.value``.
    """

    token: str = field(repr=False)
    session: AuthSession
    user: AuthUser


@dataclass(frozen=True, slots=True)
class SigninCompleted:
    """Somebody signed in.

    Attributes:
        issued: The new session.
        return_to: As fixed when the sign-in began.
        flow_id: Whose cookie is of no further use.
    """

    issued: IssuedSession
    return_to: str
    flow_id: str


class ProvidersPort(Protocol):
    """The providers that a person may choose from."""

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return all, in the order configured; empty where the upstream hosts the choice."""
        ...

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return one, or ``None`` where no provider has this id."""
        ...


class TokensPort(Protocol):
    """Session tokens as they arrive with a request."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session whose token the request carries, without looking it up.

        Returns:
            The handle, or why there is none: no token, two of them, or one that cannot be ours.
        """
        ...


class SessionsPort(Protocol):
    """Sessions of one backend, by handle. A session that has ended stays ended.

    One that has ended may be forgotten after a while; it is unknown then.

    Each method raises ``BackendUnavailableError`` when it cannot find out, and
    ``OperationUnsupportedError`` where the capabilities say so.
    """

    async def get(self, handle: str) -> AuthSession | None:
        """Return the session in its present state, or ``None`` where no session has this handle."""
        ...

    async def create(self, identity: ExternalIdentity, device: Device) -> IssuedSession:
        """Start a session for the person that this identity leads to, with a token never used before."""
        ...

    async def refresh(self, handle: str) -> AuthSession:
        """Renew what the upstream granted; where that is nothing renewable, return the session as it is.

        A transient failure upstream changes nothing. A final refusal ends the session. A revocation that
        happens meanwhile wins, and waits for no upstream. The limits of the session stay as they are.

        Raises:
            SessionEndedError: it is unknown, had ended, ended meanwhile, or the upstream ended it now.
            BackendUnavailableError: upstream did not answer; the session is as before.
        """
        ...

    async def revoke(self, handle: str) -> bool:
        """End a session for good and return whether it was active until now. Unknown handles are no fault."""
        ...

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return all of a person's active sessions, newest first; empty where there are none."""
        ...

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but ``keep``, and return how many were active."""
        ...


class PrincipalsPort(Protocol):
    """From a session to who acts."""

    def principal(self, session: AuthSession) -> Principal:
        """Return the principal of an active session."""
        ...


class InteractivePort(Protocol):
    """Sign-in that goes through us, for backends whose upstream does not host it."""

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in.

        Raises:
            InvalidInputError: unknown provider, or scopes beyond the configured ones.
            BackendUnavailableError: the provider's metadata or the store could not be had.
        """
        ...

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in: at most once per flow, only in the browser that began it.

        A flow that the person cancelled, or whose code was tried, is used up.

        Raises:
            FlowRefusedError: with the check that refused; nobody is signed in. ``flow_not_bound`` without the
                flow's cookie, ``flow_used`` after the first time, ``flow_expired`` from ``lifetime`` on,
                ``provider_mismatch`` for any other ``provider_id`` than the flow's, ``access_denied`` when
                the person did not want to.
            ProviderProtocolError: the provider's answer cannot be understood.
            BackendUnavailableError: the provider or the store did not answer; start over.
        """
        ...


@runtime_checkable
class AuthBackendPort(Protocol):
    """One backend, as the service composes it."""

    @property
    def name(self) -> str:
        """The name under which it is selected."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can really do, so configured. The conformance kit holds it to this."""
        ...

    @property
    def providers(self) -> ProvidersPort:
        """Providers to choose from."""
        ...

    @property
    def sessions(self) -> SessionsPort:
        """Its sessions."""
        ...

    @property
    def tokens(self) -> TokensPort:
        """Its session tokens."""
        ...

    @property
    def principals(self) -> PrincipalsPort:
        """Its principals."""
        ...

    @property
    def interactive(self) -> InteractivePort | None:
        """Sign-in through us, or ``None`` where the upstream hosts it."""
        ...

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: one constant-time token check and at most one store read.

        An identity provider that is away fails no answer that its sessions can give without it.

        Raises:
            BackendUnavailableError: could not find out.
        """
        ...

    async def start(self) -> None:
        """Get ready to answer. An upstream that is away delays no start."""
        ...

    async def check_health(self) -> None:
        """Return if reads can be answered.

        Raises:
            BackendUnavailableError: says what is away.
        """
        ...

    async def aclose(self) -> None:
        """Finish what is under way and let go of everything. Closing twice is no fault."""
        ...


def ended_at(session: AuthSession) -> datetime:
    """Return the instant from which an active session, left alone, has expired."""
    return min(session.idle_expires_at, session.expires_at)
