"""Sign-out as the port has it: WorkOS ends the session, and has the browser sent by where that is wished."""

from urllib.parse import urlencode

from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.sessions.sessions import Sessions


class Signout:
    """Ends sessions.

    Args:
        sessions: Ends each at WorkOS and here; what WorkOS could not be told of is not said to have ended.
        calls: Knows where browsers are signed out.
        is_browser_sent: Whether they are sent there.
    """

    def __init__(self, sessions: Sessions, calls: WorkOSCalls, *, is_browser_sent: bool) -> None:
        self._sessions = sessions
        self._calls = calls
        self._is_browser_sent = is_browser_sent

    async def end(self, request: SignoutRequest) -> SignedOut:
        """Sign out; see :meth:`SignoutPort.end`."""
        session = await self._sessions.get(request.handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return SignedOut(0)
        ended = int(await self._sessions.revoke(request.handle))
        if request.everywhere:
            ended += await self._sessions.revoke_all_for_user(session.user_id)
        return SignedOut(ended, UpstreamStatus.DONE, self._url(request))

    def _url(self, request: SignoutRequest) -> str | None:
        if not self._is_browser_sent:
            return None
        return self._calls.logout_url(request.handle, return_address(request))


def return_address(request: SignoutRequest) -> str:
    """Return where AuthKit is to send the browser back to, with what it has to bring."""
    return f"{request.return_to}?{urlencode({'state': request.state})}"
