"""What a backend is asked with, and what it answers: plain values of no vendor and no web framework."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from netscript_auth_core.domain import AuthSession, AuthUser, Device, SessionState
from netscript_auth_core.reasons import AnonymousReason, DenialReason

MOST_COOKIE_CHARACTERS = 2048
"""How long a flow cookie's value and a session token may be: with name and signature, 4096 bytes must do."""


class AuthRequest(NamedTuple):
    """What a backend may look at to find out who asks. Nothing of a web framework.

    This one and ``EncodedViews`` are made for every request: a tuple is made in a third of the time.

    Credentials never show in the ``repr`` of this class or of the others here.

    Attributes:
        session_tokens: Every value of our session cookie, in the order sent; more than one is ambiguous.
        headers: Lower-case name to value, for backends that read credentials of their own.
        peer: The address of whoever opened the connection, as the server saw it and never as a header says;
            ``None`` where there is none, as on a Unix socket. Behind a proxy it is the proxy's.
    """

    session_tokens: tuple[str, ...] = ()
    headers: Mapping[str, str] = MappingProxyType({})
    peer: str | None = None

    def __repr__(self) -> str:
        """Show nothing."""
        return "AuthRequest(...)"


@dataclass(frozen=True, slots=True)
class Identity:
    """A session with its person."""

    session: AuthSession
    user: AuthUser


class EncodedViews(NamedTuple):
    """What ``/session`` and ``/me`` answer for one identity, encoded once and kept with the session.

    Attributes:
        session: The answer of ``/session``.
        user: The person; with that it makes the answer of ``/me``.
    """

    session: bytes
    user: bytes


class Authenticated:
    """Somebody is signed in.

    Args:
        load: Gives the identity; called at most once, and only if somebody asks for it, so that a check that
            is answered from ``views`` decodes nothing.
        views: Encoded answers, where the backend keeps them: what ``encode_views`` of the contract makes of
            this identity.
        cookies: Whole ``Set-Cookie`` values for the browser that asks: a credential of the upstream's that
            was renewed. The service sends them along.

    Attributes:
        prepared: What the service has made of this outcome to answer with, for the next time where a backend
            gives it again. The service's alone.
    """

    __slots__ = ("_identity", "_load", "cookies", "prepared", "views")

    def __init__(
        self,
        load: Callable[[], Identity],
        views: EncodedViews | None = None,
        cookies: tuple[str, ...] = (),
    ) -> None:
        self._load = load
        self._identity: Identity | None = None
        self.prepared: object = None
        self.views = views
        self.cookies = cookies

    @property
    def identity(self) -> Identity:
        """The session and its person."""
        if self._identity is None:
            self._identity = self._load()
        return self._identity


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody is signed in, and why.

    Attributes:
        cookies: As :class:`Authenticated` has them, such as an upstream's that deletes its own.
    """

    reason: AnonymousReason
    cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """The credential is good, but its holder may not come in.

    Attributes:
        cookies: As :class:`Authenticated` has them, such as a renewed one by which that was seen.
    """

    reason: DenialReason
    cookies: tuple[str, ...] = field(default=(), compare=False, repr=False)


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
        max_age: How long ago the person may have shown the provider who they are; zero for "now". ``None``
            where it does not matter. A sign-in that does not prove it is refused.
    """

    provider_id: str | None
    return_to: str
    login_hint: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    max_age: timedelta | None = None


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


def ended_at(session: AuthSession) -> datetime:
    """Return the instant from which an active session, left alone, has expired."""
    return min(session.idle_expires_at, session.expires_at)


def at_present(session: AuthSession, now: datetime) -> AuthSession:
    """Return a session in the state that it has now: that one has expired is compared, and never written."""
    if session.state is SessionState.ACTIVE and now >= ended_at(session):
        return session.model_copy(update={"state": SessionState.EXPIRED})
    return session


def ended_reason(state: SessionState) -> AnonymousReason:
    """Return why nobody is signed in by a session that has ended."""
    is_revoked = state is SessionState.REVOKED
    return AnonymousReason.SESSION_REVOKED if is_revoked else AnonymousReason.SESSION_EXPIRED
