"""A person's own sessions: listed, and ended one by one."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.contract_v1 import OwnSession, SessionHandle, SessionRevoked, SessionsView
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.ports import Authenticated, Identity
from netscript_kernel.contracts import NOT_FOUND
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.answers import json_answer
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.visitor import require_visitor


class OwnSessions:
    """The handlers, and what the account page needs of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def listed(self, _: object, request: Request) -> Response:
        """Answer the person's active sessions."""
        visitor = await require_visitor(self._parts.backend, self._parts.visitors, request)
        return json_answer(SessionsView(sessions=await self.of(visitor.identity)), visitor.cookies)

    async def ended(self, wish: SessionHandle, request: Request) -> Response:
        """End one of them; where it is this browser's own, its cookie goes too."""
        with self._parts.journal.change():
            self._parts.origins.check(request.method, request.headers)
            visitor = await require_visitor(self._parts.backend, self._parts.visitors, request)
        await self.end(visitor.identity, wish.handle)
        return json_answer(SessionRevoked(), self.cookies_after(visitor, wish.handle, request))

    async def of(self, identity: Identity) -> tuple[OwnSession, ...]:
        """Return the person's active sessions, newest first."""
        sessions = await self._parts.backend.sessions.list_for_user(identity.session.user_id)
        return tuple(_own(session, current=identity.session.handle) for session in sessions)

    async def end(self, identity: Identity, handle: str) -> None:
        """End one of the person's sessions.

        Raises:
            ProblemError: 404, alike for a handle that does not exist and for one of somebody else.
        """
        with self._parts.journal.change():
            session = await self._parts.backend.sessions.get(handle)
            if session is None or session.user_id != identity.session.user_id:
                raise ProblemError(NOT_FOUND, detail="None of your sessions has this handle")
            if not await self._parts.backend.sessions.revoke(handle):
                raise ProblemError(NOT_FOUND, detail="None of your sessions has this handle")
        self._parts.journal.session_revoked(
            "revoked_by_user", session.provider_id, user_id=session.user_id, handle=handle
        )

    def cookies_after(self, visitor: Authenticated, handle: str, request: Request) -> Sequence[str]:
        """Return the ``Set-Cookie`` lines that follow from ending a session."""
        if handle != visitor.identity.session.handle:
            return visitor.cookies
        return [*visitor.cookies, *self._parts.cookies.forget_session(request.scope["headers"])]


def _own(session: AuthSession, *, current: str) -> OwnSession:
    return OwnSession(
        handle=session.handle,
        provider_id=session.provider_id,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        device=session.device,
        current=session.handle == current,
    )
