"""The auth contract, version 1: what every backend's clients see, camelCase on the wire."""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from netscript_auth_core.domain import AuthSession, AuthUser, Device, Principal, ProviderDescriptor
from netscript_auth_core.ports import EncodedViews, Identity, UpstreamStatus
from netscript_kernel.contracts import (
    BAD_REQUEST,
    FORBIDDEN,
    FORM,
    JSON,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    RATE_LIMITED,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    Contract,
    InputModel,
    ProblemSpec,
    WireModel,
    delete,
    get,
    post,
)

AUTH_OPERATION_UNSUPPORTED = ProblemSpec(
    "AUTH_OPERATION_UNSUPPORTED", 501, "The active auth backend does not offer this"
)
AUTH_PROVIDER_ERROR = ProblemSpec(
    "AUTH_PROVIDER_ERROR", 502, "The identity provider answered out of protocol"
)
AUTH_BACKEND_UNAVAILABLE = ProblemSpec(
    "AUTH_BACKEND_UNAVAILABLE", 503, "The auth backend cannot answer at the moment"
)
FLOW_USED = ProblemSpec("CONFLICT", 409, "This sign-in has been completed already")
LOGOUT_REFUSED = ProblemSpec("BAD_REQUEST", 400, "This logout token ends no session")
FLOW_EXPIRED = ProblemSpec("GONE", 410, "This sign-in took too long")

LONGEST_MAX_AGE: Final = 86_400 * 30
EVENT_STREAM: Final = "text/event-stream"


class SigninInput(InputModel):
    """Body of a sign-in request.

    Attributes:
        max_age: Seconds, at most 30 days: the person has to have shown the provider who they are within them,
            or is asked to by the provider. Zero asks in any case.
    """

    provider_id: str | None = Field(default=None, max_length=64)
    redirect_to: str | None = Field(default=None, max_length=2048)
    login_hint: str | None = Field(default=None, max_length=320)
    scopes: tuple[str, ...] = Field(default=(), max_length=50)
    max_age: int | None = Field(default=None, ge=0, le=LONGEST_MAX_AGE)


class SigninQuery(WireModel):
    """The same as a query, as a link has it; ``scopes`` are separated by spaces."""

    provider_id: str | None = Field(default=None, max_length=64)
    redirect_to: str | None = Field(default=None, max_length=2048)
    login_hint: str | None = Field(default=None, max_length=320)
    scopes: str | None = Field(default=None, max_length=2048)
    max_age: int | None = Field(default=None, ge=0, le=LONGEST_MAX_AGE)


class SigninReply(WireModel):
    """Where to send the browser. The flow cookie comes with it."""

    started: Literal[True] = True
    provider_id: str
    redirect_url: str = Field(repr=False)
    state: str = Field(repr=False)


class CallbackQuery(WireModel):
    """What a provider sends back (RFC 6749 section 4.1.2, RFC 9207)."""

    code: str | None = Field(default=None, repr=False)
    state: str | None = Field(default=None, repr=False)
    iss: str | None = None
    error: str | None = None
    # The one name with two words is OAuth's, not ours.
    error_description: str | None = Field(default=None, repr=False, alias="error_description")


class ProviderCallbackQuery(CallbackQuery):
    """The same, on the path of one provider."""

    provider_id: str


class CallbackReply(WireModel):
    """Somebody signed in; the session cookie comes with it. ``subject`` is our user id."""

    completed: Literal[True] = True
    redirect_to: str
    subject: str


class SignoutInput(InputModel):
    """Body of a sign-out request, here or on every device."""

    everywhere: bool = False
    redirect_to: str | None = Field(default=None, max_length=2048)


class UpstreamView(WireModel):
    """What became of what the identity provider had granted to the sessions that ended.

    Attributes:
        status: ``done``: nothing of it is left there. ``pending``: it is still to be told. ``refused``: it
            does not let us end it. ``unsupported``: there is no way to tell it. Left out where it had granted
            nothing that outlives a sign-in.
        end_session_url: Where to send the browser to be signed out there, too: an address of ours, good once,
            for ten minutes, and for this browser, which leads on to the provider. From there it comes back
            to us, and goes to ``redirectTo``.
    """

    status: UpstreamStatus | None = None
    end_session_url: str | None = Field(default=None, repr=False)


class SignoutReply(WireModel):
    """Nobody is signed in here any more, whether somebody was before or not.

    Attributes:
        ended: How many sessions ended. None where the one that asks had ended before: it cannot end others
            then, ``everywhere`` or not, and whoever wishes that has to sign in again.
        upstream: Left out where nobody was signed in, or nothing was granted and no browser is sent there.
    """

    signed_out: Literal[True] = True
    ended: int = 0
    redirect_to: str | None = None
    upstream: UpstreamView | None = None


class BackchannelLogoutInput(WireModel):
    """What a provider posts as a form when somebody signs out there."""

    provider_id: str
    # The name is OpenID Connect's, not ours.
    logout_token: str = Field(repr=False, alias="logout_token")


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


class UnsupportedView(WireModel):
    """One thing that the active backend does not offer, and why."""

    capability: str
    reason: str


class BackendView(WireModel):
    """The active backend.

    Attributes:
        revocation_lag_seconds: The longest time for which a revoked session may still be answered.
        unsupported: What it does not offer.
        sign_in_url: Where people sign in, where that is not here and it is known.
    """

    name: str
    revocation_lag_seconds: float
    unsupported: tuple[UnsupportedView, ...] = ()
    sign_in_url: str | None = None


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
        authenticated_at: When the person last showed who they are; see :class:`AuthSession`.
        expires_at: When the session ends, used or not.
    """

    principal: Principal
    user: VerifiedUser
    authenticated_at: datetime
    expires_at: datetime


class TokenInput(InputModel):
    """Body of a request for a token.

    Attributes:
        audience: Which service it is for; may be left out where there is one alone.
    """

    audience: str | None = Field(default=None, max_length=255)


class TokenReply(WireModel):
    """A token for one service: ``Authorization: Bearer`` there, and nothing at auth-api."""

    access_token: str = Field(repr=False)
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a kind of token, and none
    expires_in: int


class DescribeView(WireModel):
    """What this service, so configured, can really do."""

    plugin_name: str
    contract_versions: tuple[str, ...]
    route_groups: tuple[str, ...]
    capabilities: tuple[str, ...]
    backend: BackendView


class ProvidersView(WireModel):
    """Providers to choose from."""

    providers: tuple[ProviderDescriptor, ...]


class OwnSession(WireModel):
    """One of one's own sessions."""

    handle: str
    provider_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    device: Device
    current: bool


class SessionsView(WireModel):
    """One's own active sessions, newest first."""

    sessions: tuple[OwnSession, ...]


class SessionHandle(WireModel):
    """Names one of one's own sessions."""

    handle: str = Field(min_length=1, max_length=128)


class SessionRevoked(WireModel):
    """The session is over."""

    revoked: Literal[True] = True


_FLOW_PROBLEMS = (FORBIDDEN, FLOW_USED, FLOW_EXPIRED, AUTH_PROVIDER_ERROR, RATE_LIMITED)


class AuthV1(Contract, name="auth", version="v1", prefix="/api/v1/auth"):
    """The endpoints of auth-api."""

    begin_signin = (
        get("/signin")
        .input(SigninQuery)
        .redirects()
        .problems(FORBIDDEN, AUTH_PROVIDER_ERROR, RATE_LIMITED)
        .raw()
        .for_browsers()
    ).describe("Sign in from a link: sends the browser to the provider, or to the sign-in page.")
    signin = (
        post("/signin")
        .input(SigninInput)
        .output(SigninReply)
        .problems(FORBIDDEN, AUTH_PROVIDER_ERROR, RATE_LIMITED)
        .raw()
    ).describe("Sign in from an application's own page: answers where to send the browser.")
    callback = (
        get("/callback")
        .input(CallbackQuery)
        .output(CallbackReply)
        .problems(*_FLOW_PROBLEMS)
        .raw()
        .for_browsers(303)
    ).describe("Where the provider sends the browser back to; a browser is redirected on.")
    callback_of_provider = (
        get("/callback/{provider_id}")
        .input(ProviderCallbackQuery)
        .output(CallbackReply)
        .problems(*_FLOW_PROBLEMS)
        .raw()
        .for_browsers(303)
    ).describe("The same, one path per provider.")
    posted_callback = (
        post("/callback")
        .input(CallbackQuery)
        .redirects(303)
        .problems(UNSUPPORTED_MEDIA_TYPE, RATE_LIMITED)
        .raw(FORM)
        .for_browsers()
    ).describe("The same for providers that post a form; re-enters by GET.")
    posted_callback_of_provider = (
        post("/callback/{provider_id}")
        .input(ProviderCallbackQuery)
        .redirects(303)
        .problems(UNSUPPORTED_MEDIA_TYPE, RATE_LIMITED)
        .raw(FORM)
        .for_browsers()
    ).describe("The same for providers that post a form, one path per provider.")
    signout = (
        post("/signout")
        .input(SignoutInput)
        .output(SignoutReply)
        .problems(FORBIDDEN, RATE_LIMITED)
        .raw(JSON, FORM)
        .for_browsers(303)
    ).describe("End the session of this browser, or all of the person's. Takes JSON or a form.")
    backchannel_logout = (
        post("/backchannel-logout/{provider_id}")
        .input(BackchannelLogoutInput)
        .problems(LOGOUT_REFUSED)
        .raw(FORM)
    ).describe("Where a provider says that somebody signed out there: their sessions here end, too.")
    session = get("/session").output(SessionView).describe("Whether somebody is signed in.")
    me = get("/me").output(MeView).describe("Who is signed in.")
    verify = (
        get("/verify").input(VerifyQuery).output(VerifyView).problems(UNAUTHORIZED, FORBIDDEN).may_redirect()
    ).describe(
        "Whether a request may pass, and whose it is: headers for proxies, a body for services. "
        "Below /verify/ the same by any method and any path, as Envoy asks."
    )
    token = (
        post("/token")
        .input(TokenInput)
        .output(TokenReply)
        .problems(UNAUTHORIZED, FORBIDDEN, RATE_LIMITED)
        .raw()
    ).describe("A token by which one of the services behind knows who asks.")
    revocations = (
        get("/revocations").problems(UNAUTHORIZED, RATE_LIMITED, UNAVAILABLE).raw().streams(EVENT_STREAM)
    ).describe("Sessions that end, as they end: server-sent events for services that verify tokens.")
    describe = get("/describe").output(DescribeView).describe("What this service can do.")
    providers = get("/providers").output(ProvidersView).describe("Providers to choose from.")
    sessions = (
        get("/sessions").output(SessionsView).problems(UNAUTHORIZED, RATE_LIMITED).describe("My sessions.")
    )
    revoke_session = (
        delete("/sessions/{handle}")
        .input(SessionHandle)
        .output(SessionRevoked)
        .problems(UNAUTHORIZED, FORBIDDEN, NOT_FOUND, RATE_LIMITED)
    ).describe("End one of my sessions.")


COMMON_PROBLEMS = (
    BAD_REQUEST,
    METHOD_NOT_ALLOWED,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    AUTH_OPERATION_UNSUPPORTED,
    AUTH_BACKEND_UNAVAILABLE,
)


_BEGIN: Final = b'{"authenticated":true,'


def encode_views(identity: Identity) -> EncodedViews:
    """Encode what ``/session`` and ``/me`` answer once, to be kept with the session."""
    session = SessionView(authenticated=True, session=identity.session)
    return EncodedViews(session.to_wire(), identity.user.to_wire())


def encode_verified(identity: Identity, principal: Principal) -> bytes:
    """Return the answer of ``/verify`` for one who may pass."""
    session, user = identity.session, identity.user
    # Unchecked: each part was checked when it was read, and this is done for every request behind a proxy.
    known = VerifiedUser.model_construct(
        id=user.id, name=user.name, email=user.email, email_verified=user.email_verified
    )
    return VerifyView.model_construct(
        principal=principal,
        user=known,
        authenticated_at=session.authenticated_at,
        expires_at=session.expires_at,
    ).to_wire()


def encode_me(views: EncodedViews) -> bytes:
    """Return the answer of ``/me``: what :class:`MeView` would write of the same session and person."""
    return _BEGIN + b'"user":' + views.user + b"," + views.session[len(_BEGIN) :]
