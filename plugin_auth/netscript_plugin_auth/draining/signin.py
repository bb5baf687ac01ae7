"""Sign-in at the active backend, which leaves an earlier session behind."""

from collections.abc import Sequence

from netscript_auth_core.ports import (
    AuthBackendPort,
    AuthRequest,
    CallbackRequest,
    InteractivePort,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_plugin_auth.draining.sessions import is_kept_here


class DrainingSignin:
    """The interactive part of the port."""

    def __init__(self, active: InteractivePort, earlier: Sequence[AuthBackendPort]) -> None:
        self._active = active
        self._earlier = earlier

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in at the active backend."""
        return await self._active.start(request)

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish it, and end what the browser's cookie names of an earlier backend: it is replaced."""
        completed = await self._active.complete(request)
        for backend in filter(is_kept_here, self._earlier):
            for token in request.session_tokens:
                handle = backend.tokens.recognise(AuthRequest(session_tokens=(token,)))
                if isinstance(handle, str) and handle != completed.issued.session.handle:
                    await backend.sessions.revoke(handle)
        return completed
