"""Sign-in through us, as the port has it."""

from netscript_auth_core.ports import CallbackRequest, SigninCompleted, SigninRequest, SigninStarted
from netscript_auth_kv_oauth.signin.callback import Callback
from netscript_auth_kv_oauth.signin.signin import Signin


class Interactive:
    """Both halves of a sign-in."""

    def __init__(self, signin: Signin, callback: Callback) -> None:
        self._signin = signin
        self._callback = callback

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in; see :meth:`InteractivePort.start`."""
        return await self._signin.start(request)

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in; see :meth:`InteractivePort.complete`."""
        return await self._callback.complete(request)
