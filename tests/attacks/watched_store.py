"""A key-value store that remembers which records were made in it, and can be a bad one."""

from collections.abc import Awaitable, Callable, Sequence

from typing_extensions import override

from netscript_auth_core.testing import InterruptibleKvStore
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort, Put

SESSION = "auth/session/"
OF_SESSIONS = (SESSION, "auth/grant/")


class WatchedKvStore(InterruptibleKvStore):
    """Passes everything on to another store, and can be taken away.

    Attributes:
        made: Keys of all records that were ever made, in the order in which they came.
        before_get: Awaited before a record is read; may take its time, or raise.
    """

    def __init__(self, store: KvStorePort) -> None:
        super().__init__(store)
        self.made: list[str] = []
        self._known: set[str] = set()
        self.before_get: Callable[[str], Awaitable[None]] = _at_once

    def replace(self, store: KvStorePort) -> None:
        """Go on with another store, and with an empty memory."""
        self._store = store
        self.before_get = _at_once
        self.made.clear()
        self._known.clear()

    def sessions_since(self, mark: int) -> list[str]:
        """Return the records of sessions among those made after the first ``mark`` ones."""
        return [key for key in self.made[mark:] if key.startswith(OF_SESSIONS)]

    @override
    async def get(self, key: str) -> Entry | None:
        await self.before_get(key)
        return await super().get(key)

    @override
    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        version = await super().commit(checks=checks, puts=puts, deletes=deletes)
        if version is not None:
            self._notice(puts)
        return version

    @override
    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        versions = await super().commit_each(commits)
        for commit, version in zip(commits, versions, strict=True):
            if version is not None:
                self._notice(commit.puts)
        return versions

    def _notice(self, puts: Sequence[Put]) -> None:
        new = [put.key for put in puts if put.key not in self._known]
        self._known.update(new)
        self.made.extend(new)


async def _at_once(_: str) -> None:
    """Do nothing."""
