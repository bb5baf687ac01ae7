"""Sign-out by whichever backend keeps the session."""

from dataclasses import replace

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import SignedOut, SignoutRequest
from netscript_plugin_auth.draining.sessions import DrainingSessions, Kept


class DrainingSignout:
    """The sign-out part of the port."""

    def __init__(self, sessions: DrainingSessions) -> None:
        self._sessions = sessions

    async def end(self, request: SignoutRequest) -> SignedOut:
        """End the session where it is kept, and with ``everywhere`` the person's others in every backend."""
        kept = await self._sessions.find(request.handle)
        if kept is None or kept.session.state is not SessionState.ACTIVE:
            return SignedOut(0)
        if request.everywhere:
            self._sessions.require_revoke_all()  # before anything ends
        signed_out = await self._end_one(kept, request)
        if not request.everywhere or not signed_out.ended:
            return signed_out
        user_id = kept.session.user_id
        others = await self._sessions.revoke_earlier(user_id, but=kept.backend)
        if not self._sessions.is_active(kept.backend):
            others += await self._sessions.revoke_active(user_id)
        return replace(signed_out, ended=signed_out.ended + others, user_id=user_id)

    async def _end_one(self, kept: Kept, request: SignoutRequest) -> SignedOut:
        backend, handle = kept.backend, kept.session.handle
        if backend.signout is not None:
            signed_out = await backend.signout.end(replace(request, handle=handle))
            await self._sessions.end_origin(handle)
            return signed_out
        if request.everywhere and Capability.REVOKE_ALL in backend.capabilities:
            user_id = kept.session.user_id
            return SignedOut(await backend.sessions.revoke_all_for_user(user_id), user_id=user_id)
        ended = await self._sessions.revoke(handle)
        return SignedOut(int(ended), user_id=kept.session.user_id, handles=(handle,) if ended else ())
