"""Sign-in at the active backend, which leaves an earlier session behind."""

import logging

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import (
    CallbackRequest,
    InteractivePort,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_plugin_auth.draining.leaving import Leaving

_log = logging.getLogger("netscript.auth")


class DrainingSignin:
    """The interactive part of the port."""

    def __init__(self, active: InteractivePort, leaving: Leaving) -> None:
        self._active = active
        self._leaving = leaving

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in at the active backend."""
        return await self._active.start(request)

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish it, and end what the browser's cookie names of an earlier backend: it is replaced."""
        completed = await self._active.complete(request)
        try:
            await self._leaving.replace(request.session_tokens, completed.issued.session.handle)
        except BackendUnavailableError as error:
            # The person is signed in, and the flow is used up: to refuse now would lose the new session.
            _log.warning("an earlier session was replaced in its browser, but could not be ended: %s", error)
        return completed
