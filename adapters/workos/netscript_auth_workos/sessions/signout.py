"""Sign-out as the port has it: WorkOS ends the session, and has the browser sent by where that is wished."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_workos.api.calls import WorkOSCalls


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that has just ended.

    Attributes:
        user_id: Ours, of its person.
        workos_id: Of the session at WorkOS.
    """

    user_id: str
    workos_id: str


class EndsSessions(Protocol):
    """What is needed of sessions, whoever began them."""

    async def end(self, handle: str) -> Ended | None:
        """End a session at WorkOS, then here, and return it; ``None`` where it was not active."""
        ...

    async def revoke_all_for_user(self, user_id: str) -> int:
        """End all of a person's sessions; see :meth:`SessionsPort.revoke_all_for_user`."""
        ...


class Signout:
    """Ends sessions.

    Args:
        sessions: Ends each at WorkOS and here; what WorkOS could not be told of is not said to have ended.
        calls: Knows where browsers are signed out.
        is_browser_sent: Whether they are sent there.
    """

    def __init__(self, sessions: EndsSessions, calls: WorkOSCalls, *, is_browser_sent: bool) -> None:
        self._sessions = sessions
        self._calls = calls
        self._is_browser_sent = is_browser_sent

    async def end(self, request: SignoutRequest) -> SignedOut:
        """Sign out; see :meth:`SignoutPort.end`."""
        ended = await self._sessions.end(request.handle)
        if ended is None:
            return SignedOut(0)
        others = await self._sessions.revoke_all_for_user(ended.user_id) if request.everywhere else 0
        url = self._url(ended.workos_id, request)
        return SignedOut(1 + others, UpstreamStatus.DONE, url, ended.user_id, (request.handle,))

    def _url(self, workos_id: str, request: SignoutRequest) -> str | None:
        if not self._is_browser_sent:
            return None
        return_to = f"{request.return_to}?{urlencode({'state': request.state})}"
        return self._calls.logout_url(workos_id, return_to)
