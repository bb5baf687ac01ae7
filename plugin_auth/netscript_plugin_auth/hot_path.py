"""``/session`` and ``/me``: who asks? Answered in front of the framework, from bytes encoded beforehand.

The price of a check is one look through the cookies and the backend's ``authenticate``: at most one
store read. A session id anywhere but in our cookie (query, body, another header) is not looked at, so
it lets nobody in.
"""

from starlette.types import Scope

from netscript_auth_core.contract_v1 import MeView, SessionView, encode_me, encode_views
from netscript_auth_core.ports import Authenticated, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_kernel.service.answers import HotAnswer
from netscript_plugin_auth.answers import cookie_headers
from netscript_plugin_auth.parts import Authenticate
from netscript_plugin_auth.visitor import Visitors

_OK = 200
_REASONS = (*AnonymousReason, *DenialReason)
_HEADERS = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie, Authorization"),
)


class SessionChecks:
    """The two handlers.

    Args:
        authenticate: The backend's, which finds out.
        visitors: Reads the request.
    """

    def __init__(self, authenticate: Authenticate, visitors: Visitors) -> None:
        self._authenticate = authenticate
        self._visitors = visitors
        self._nobody_in_session = {reason: _nobody(SessionView, reason) for reason in _REASONS}
        self._nobody_in_me = {reason: _nobody(MeView, reason) for reason in _REASONS}

    async def session(self, scope: Scope) -> HotAnswer:
        """Answer whether somebody is signed in.

        Raises:
            BackendUnavailableError: could not find out; the cookie stays as it is.
        """
        outcome = await self._authenticate(self._visitors.read(scope))
        if isinstance(outcome, Authenticated):
            body = (outcome.views or encode_views(outcome.identity)).session
            return _answer(body, outcome)
        return _answer(self._nobody_in_session[outcome.reason], outcome)

    async def me(self, scope: Scope) -> HotAnswer:
        """Answer who is signed in. Raises as :meth:`session` does."""
        outcome = await self._authenticate(self._visitors.read(scope))
        if isinstance(outcome, Authenticated):
            body = encode_me(outcome.views or encode_views(outcome.identity))
            return _answer(body, outcome)
        return _answer(self._nobody_in_me[outcome.reason], outcome)


def _answer(body: bytes, outcome: Outcome) -> HotAnswer:
    # Cookies stand apart: headers are remembered for all who get the same, for the life of the process.
    more = cookie_headers(outcome.cookies) if outcome.cookies else ()
    return HotAnswer(_OK, _HEADERS, body, more)


def _nobody(view: type[SessionView | MeView], reason: AnonymousReason | DenialReason) -> bytes:
    return view(authenticated=False, reason=reason.value).to_wire()
