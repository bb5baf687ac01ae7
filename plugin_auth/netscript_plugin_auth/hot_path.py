"""``/session`` and ``/me``: who asks? Answered in front of the framework, from bytes encoded beforehand.

The price of a check is one look through the cookies and the backend's ``authenticate``: at most one
store read. A session id anywhere but in our cookie (query, body, another header) is not looked at, so
it lets nobody in.
"""

from typing import Any

from starlette.types import Scope

from netscript_auth_core.contract_v1 import MeView, SessionView, encode_views
from netscript_auth_core.ports import AuthBackendPort, Authenticated, EncodedViews
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_kernel.service.answers import HotAnswer
from netscript_plugin_auth.visitor import Visitors

_OK = 200
_HEADERS = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie"),
)


class SessionChecks:
    """The two handlers.

    Args:
        backend: Finds out.
        visitors: Reads the request.
    """

    def __init__(self, backend: AuthBackendPort, visitors: Visitors) -> None:
        self._backend = backend
        self._visitors = visitors
        self._nobody = {reason: _encode_nobody(reason) for reason in (*AnonymousReason, *DenialReason)}

    async def session(self, scope: Scope) -> HotAnswer:
        """Answer whether somebody is signed in.

        Raises:
            BackendUnavailableError: could not find out; the cookie stays as it is.
        """
        views = await self._find_out(scope)
        return HotAnswer(_OK, _HEADERS, views.session)

    async def me(self, scope: Scope) -> HotAnswer:
        """Answer who is signed in. Raises as :meth:`session` does."""
        views = await self._find_out(scope)
        return HotAnswer(_OK, _HEADERS, views.me)

    async def _find_out(self, scope: Scope) -> EncodedViews:
        outcome = await self._backend.authenticate(self._visitors.read(scope))
        if isinstance(outcome, Authenticated):
            return outcome.views or encode_views(outcome.identity)
        return self._nobody[outcome.reason]


def _encode_nobody(reason: AnonymousReason | DenialReason) -> EncodedViews:
    fields: dict[str, Any] = {"authenticated": False, "reason": reason.value}
    return EncodedViews(session=SessionView(**fields).to_wire(), me=MeView(**fields).to_wire())
