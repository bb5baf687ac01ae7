"""Asks the server about the credential of a request: not about every stranger, nor twice for the same no."""

from datetime import datetime, timedelta
from typing import Final

from netscript_auth_better_auth.remote.credentials import Credential
from netscript_auth_better_auth.remote.latest import Latest
from netscript_auth_better_auth.remote.strangers import Strangers
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_better_auth.server.server_http import Answer, AskedTooOftenError
from netscript_kernel.clock import Clock
from netscript_kernel.ids import digest

# A session that does not exist does not come to be, but its browser may ask again and again.
REFUSED_FOR: Final = timedelta(seconds=10)
_MOST_REFUSED: Final = 1000


class Asking:
    """Asks whose session a credential is.

    Args:
        client: Asks.
        clock: Tells how old an answer is.
        strangers: Lets them pass, or not; ``None`` where only what the server signed comes so far.
    """

    def __init__(self, client: ServerClient, clock: Clock, strangers: Strangers | None) -> None:
        self._client = client
        self._clock = clock
        self._strangers = strangers
        self._refused: Latest[tuple[datetime, Answer]] = Latest(_MOST_REFUSED)

    async def about(self, credential: Credential) -> Answer:
        """Return what the server says, or said a moment ago where that was a no.

        Raises:
            BackendUnavailableError: it did not say, or is not asked: too many strangers are there.
        """
        form = digest("better-auth credential", *credential.headers, credential.kept.decode("ascii"))
        refusal = self._refused.get(form)
        if refusal is not None and timedelta(0) <= self._clock.now() - refusal[0] < REFUSED_FOR:
            return refusal[1]
        answer = await self._ask(credential)
        if answer.is_null:
            self._refused.put(form, (self._clock.now(), answer))
        return answer

    async def _ask(self, credential: Credential) -> Answer:
        if self._strangers is None:
            return await self._client.get_session(credential.headers, rolls=True)
        await self._strangers.let_pass(credential.handle)
        try:
            answer = await self._client.get_session(credential.headers, rolls=True)
        except AskedTooOftenError:
            self._strangers.be_careful()
            raise
        (self._strangers.disown if answer.is_null else self._strangers.vouch)(credential.handle)
        return answer
