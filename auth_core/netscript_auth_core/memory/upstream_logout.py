"""The provider tells of sign-outs there: each token counts once."""

from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.storage import Storage
from netscript_auth_core.reasons import LogoutReason
from netscript_kernel.ids import digest


class MemoryUpstreamLogout:
    """The part of the port for that."""

    def __init__(self, storage: Storage, provider: PretendProvider, sessions: MemorySessions) -> None:
        self._storage = storage
        self._provider = provider
        self._sessions = sessions

    async def end(self, provider_id: str, logout_token: str) -> int:
        """End what the token means, and only then remember it: what failed may be sent again."""
        if provider_id != self._provider.descriptor.id:
            raise LogoutRefusedError(LogoutReason.PROVIDER_UNKNOWN)
        logout = self._provider.read_logout(logout_token)
        if logout is None:
            raise LogoutRefusedError(LogoutReason.SIGNATURE_INVALID, provider_id=provider_id)
        used = digest(logout_token)
        if used in self._storage.logouts:
            raise LogoutRefusedError(LogoutReason.TOKEN_REPLAYED, provider_id=provider_id)
        ended = await self._sessions.end_upstream(logout.subject, logout.sid)
        self._storage.logouts.add(used)
        return ended
