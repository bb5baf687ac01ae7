"""A store that tells which sessions were read or written through it, whoever did and whatever came of it."""

from collections.abc import Iterable, Sequence

from netscript_auth_kv_oauth.sessions.recent_answers import RecentAnswers
from netscript_auth_kv_oauth.sessions.stored_sessions import handle_at, is_session_key
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort, Put


class TellingStore:
    """The same store; see the module. All that is done to sessions passes here, so nothing can be missed.

    A look counts, too: who ends a session and finds that another process has done so writes nothing. Only the
    check itself, whose answers are given again, looks past it.

    Args:
        store: The store itself.
        recent: Forgets what was written.
    """

    def __init__(self, store: KvStorePort, recent: RecentAnswers) -> None:
        self._store = store
        self._recent = recent

    @property
    def name(self) -> str:
        """See the port, here and below."""
        return self._store.name

    @property
    def durable(self) -> bool:
        """As the store."""
        return self._store.durable

    async def get(self, key: str) -> Entry | None:
        """As the store."""
        try:
            return await self._store.get(key)
        finally:
            self._tell([key])

    async def commit(
        self, *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        """As the store."""
        try:
            return await self._store.commit(checks=checks, puts=puts, deletes=deletes)
        finally:
            self._tell([*(put.key for put in puts), *deletes])

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """As the store."""
        try:
            return await self._store.commit_each(commits)
        finally:
            self._tell([key for each in commits for key in (*(put.key for put in each.puts), *each.deletes)])

    async def take(self, key: str) -> Entry | None:
        """As the store."""
        try:
            return await self._store.take(key)
        finally:
            self._tell([key])

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """As the store."""
        return await self._store.list_owned(owner, limit=limit, after=after)

    async def sweep(self, *, limit: int = 1000) -> int:
        """As the store; what it deletes has expired, and no answer is given for that."""
        return await self._store.sweep(limit=limit)

    async def check_health(self) -> None:
        """As the store."""
        await self._store.check_health()

    async def aclose(self) -> None:
        """As the store."""
        await self._store.aclose()

    def _tell(self, keys: Iterable[str]) -> None:
        """Whatever came of a write: one that broke off may be done all the same."""
        handles = [handle_at(key) for key in keys if is_session_key(key)]
        if handles:
            self._recent.forget(handles)
