"""Refreshing as the port has it: whoever asks waits for the attempt under way, in this process or another."""

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.grants.refresh_attempts import RefreshAttempts
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE, AttemptState
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.sessions.session_store import SessionStore


class Refresher:
    """Refreshes the grants of sessions: an attempt a minute for each, over all processes."""

    def __init__(
        self, attempts: RefreshAttempts, sessions: SessionStore, background: Background, patience: Patience
    ) -> None:
        self._attempts = attempts
        self._sessions = sessions
        self._patience = patience
        self._flights: SingleFlight[AuthSession] = SingleFlight(background)

    async def refresh(self, handle: str) -> AuthSession:
        """Refresh the grant of a session and return the session; see :meth:`SessionsPort.refresh`."""
        return await self._flights.run(handle, lambda: self._refresh(handle))

    async def _refresh(self, handle: str) -> AuthSession:
        for pause in (*self._patience.pauses(), None):
            made = await self._attempts.make(handle, lazily=False)
            if isinstance(made, AuthSession):
                return made
            match made.attempt.state:
                case AttemptState.REFRESHED:
                    return self._sessions.decode(await self._sessions.read_active(handle))
                case AttemptState.FAILED:
                    raise _unavailable("the provider gave nothing less than a minute ago")
                case AttemptState.UNDER_WAY:
                    if pause is not None:
                        await self._patience.sleep(pause)
        raise _unavailable("another process is still waiting for the provider")


def _unavailable(problem: str) -> BackendUnavailableError:
    return BackendUnavailableError(BACKEND, f"not refreshed: {problem}", retry_after=LEASE)
