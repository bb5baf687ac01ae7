"""Who is it? Answers to pages, and to proxies and services that ask before a request passes."""

from datetime import datetime

from netscript_auth_core.domain import AuthSession, AuthUser, Principal
from netscript_kernel.contracts import WireModel


class SessionView(WireModel):
    """Answer of ``/session``."""

    authenticated: bool
    session: AuthSession | None = None
    reason: str | None = None


class MeView(WireModel):
    """Answer of ``/me``."""

    authenticated: bool
    user: AuthUser | None = None
    session: AuthSession | None = None
    reason: str | None = None


class VerifyQuery(WireModel):
    """What a proxy wants of an answer.

    Attributes:
        redirect: Whether a browser that waits for a page is sent to sign in. Only for proxies that pass such
            an answer on; nginx does not.
    """

    redirect: bool = False


class VerifiedUser(WireModel):
    """A person, for whoever asks in their name. An address is told whether it is verified or not."""

    id: str
    name: str | None = None
    email: str | None = None
    email_verified: bool = False


class VerifyView(WireModel):
    """Whose request it is, for services that ask; proxies read headers instead.

    Attributes:
        authenticated_at: When the person last showed who they are, where that is proven; see
            :class:`AuthSession`.
        expires_at: When the session ends, used or not.
    """

    principal: Principal
    user: VerifiedUser
    authenticated_at: datetime | None = None
    expires_at: datetime
