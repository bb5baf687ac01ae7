"""A key-value store that can be taken away."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort, Put


class InterruptibleKvStore:
    """Passes everything on to another store, except during an :meth:`outage`."""

    def __init__(self, store: KvStorePort) -> None:
        self._store = store
        self._is_away = False

    @property
    def name(self) -> str:
        """The name of the store behind."""
        return self._store.name

    @property
    def durable(self) -> bool:
        """Whether the store behind is durable."""
        return self._store.durable

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None, None]:
        """Raise ``StoreUnavailableError`` from everything while the context lasts."""
        self._is_away = True
        try:
            yield
        finally:
            self._is_away = False

    async def get(self, key: str) -> Entry | None:
        """See :class:`KvStorePort`."""
        return await self._reached().get(key)

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """See :class:`KvStorePort`."""
        return await self._reached().commit(checks=checks, puts=puts, deletes=deletes)

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """See :class:`KvStorePort`."""
        return await self._reached().commit_each(commits)

    async def take(self, key: str) -> Entry | None:
        """See :class:`KvStorePort`."""
        return await self._reached().take(key)

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """See :class:`KvStorePort`."""
        return await self._reached().list_owned(owner, limit=limit, after=after)

    async def sweep(self, *, limit: int = 1000) -> int:
        """See :class:`KvStorePort`."""
        return await self._reached().sweep(limit=limit)

    async def check_health(self) -> None:
        """See :class:`KvStorePort`."""
        await self._reached().check_health()

    async def aclose(self) -> None:
        """Close the store behind."""
        await self._store.aclose()

    def _reached(self) -> KvStorePort:
        if self._is_away:
            raise StoreUnavailableError(self._store.name, "it was taken away for a test")
        return self._store
