"""The auth contract, version 1: what every backend's clients see, camelCase on the wire."""

from typing import Final

from netscript_auth_core.wire.answers import encode_me, encode_verified, encode_views
from netscript_auth_core.wire.checks import MeView, SessionView, VerifiedUser, VerifyQuery, VerifyView
from netscript_auth_core.wire.description import BackendView, DescribeView, ProvidersView, UnsupportedView
from netscript_auth_core.wire.own_sessions import OwnSession, SessionHandle, SessionRevoked, SessionsView
from netscript_auth_core.wire.signin import (
    LONGEST_MAX_AGE,
    CallbackQuery,
    CallbackReply,
    ProviderCallbackQuery,
    SigninInput,
    SigninQuery,
    SigninReply,
)
from netscript_auth_core.wire.signout import BackchannelLogoutInput, SignoutInput, SignoutReply, UpstreamView
from netscript_auth_core.wire.tokens import TokenInput, TokenReply
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
    ProblemSpec,
    delete,
    get,
    post,
)

__all__ = [
    "AUTH_BACKEND_UNAVAILABLE",
    "AUTH_OPERATION_UNSUPPORTED",
    "AUTH_PROVIDER_ERROR",
    "COMMON_PROBLEMS",
    "FLOW_EXPIRED",
    "FLOW_USED",
    "LOGOUT_REFUSED",
    "LONGEST_MAX_AGE",
    "AuthV1",
    "BackchannelLogoutInput",
    "BackendView",
    "CallbackQuery",
    "CallbackReply",
    "DescribeView",
    "MeView",
    "OwnSession",
    "ProviderCallbackQuery",
    "ProvidersView",
    "SessionHandle",
    "SessionRevoked",
    "SessionView",
    "SessionsView",
    "SigninInput",
    "SigninQuery",
    "SigninReply",
    "SignoutInput",
    "SignoutReply",
    "TokenInput",
    "TokenReply",
    "UnsupportedView",
    "UpstreamView",
    "VerifiedUser",
    "VerifyQuery",
    "VerifyView",
    "encode_me",
    "encode_verified",
    "encode_views",
]

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

EVENT_STREAM: Final = "text/event-stream"
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
        .problems(LOGOUT_REFUSED, RATE_LIMITED)
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
