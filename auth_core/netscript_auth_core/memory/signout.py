"""Sign-out that gives the provider its grants back: at once if it answers, else by the upkeep."""

from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.storage import Storage
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus


class MemoryUpkeep:
    """Gives back what is owed."""

    def __init__(self, storage: Storage, provider: PretendProvider) -> None:
        self._storage = storage
        self._provider = provider

    async def run(self) -> None:
        """Try each grant that is owed, once. Two rounds at the same time give one back twice: no harm."""
        for grant in list(self._storage.owed):
            try:
                await self._provider.revoke(grant)
            except BackendUnavailableError:
                continue
            self._storage.owed.discard(grant)


class MemorySignout:
    """The sign-out part of the port."""

    def __init__(
        self, storage: Storage, provider: PretendProvider, sessions: MemorySessions, upkeep: MemoryUpkeep
    ) -> None:
        self._storage = storage
        self._provider = provider
        self._sessions = sessions
        self._upkeep = upkeep

    async def end(self, request: SignoutRequest) -> SignedOut:
        """End the sessions first: they owe their grants then."""
        session = await self._sessions.get(request.handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return SignedOut(0)
        before = set(self._storage.owed)
        handles: tuple[str, ...] = (request.handle,)
        if request.everywhere:
            handles = tuple(each.handle for each in await self._sessions.list_for_user(session.user_id))
            ended = await self._sessions.revoke_all_for_user(session.user_id)
        else:
            ended = int(await self._sessions.revoke(request.handle))
        owed = self._storage.owed - before
        await self._upkeep.run()
        url = self._provider.end_session_url(request.return_to, request.state)
        return SignedOut(ended, self._status(owed), url, session.user_id, handles)

    def _status(self, owed: set[str]) -> UpstreamStatus | None:
        if not owed:
            return None
        return UpstreamStatus.PENDING if owed & self._storage.owed else UpstreamStatus.DONE
