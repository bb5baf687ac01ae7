"""SqliteKvStore: the port over one fast reader, one patient reader and one writer."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.batch import (
    Batch,
    check_list_limit,
    check_sweep_limit,
    in_pieces,
    is_text,
    read_batch,
    read_batches,
)
from netscript_kernel.kv.port import Check, Commit, Entry, Put
from netscript_kernel.kv.sqlite.connections import Connections, Synchronous, open_connections
from netscript_kernel.kv.sqlite.failures import STORE, is_busy, unavailable
from netscript_kernel.kv.sqlite.location import is_same_file
from netscript_kernel.kv.sqlite.reader import PatientReader
from netscript_kernel.kv.sqlite.transaction import READ_RECORD, Transaction
from netscript_kernel.kv.sqlite.writer import GroupWriter

LOCK_TIMEOUT = timedelta(seconds=5)

_QUERY_TIME = timedelta(seconds=5)
_SWEPT_AT_ONCE = 200
# SQLite keeps no queue: other processes look for a free lock now and then, and would find none for seconds.
_REST_SECONDS = 0.005
_COMMITTED_AT_ONCE = 100
_LIST = """
    SELECT records.key, value, version
    FROM owned CROSS JOIN records ON records.key = owned.key
    WHERE owner = :owner AND (expires_at IS NULL OR expires_at > :now) {following}
    ORDER BY rank, owned.key LIMIT :limit
"""
_FOLLOWING = """
    AND (rank, owned.key) > (
        SELECT place.rank, place.key
        FROM owned AS place JOIN records AS last ON last.key = place.key
        WHERE place.key = :after AND place.owner = :owner
        AND (last.expires_at IS NULL OR last.expires_at > :now)
    )
"""
_LIST_FIRST = _LIST.format(following="")
_LIST_FOLLOWING = _LIST.format(following=_FOLLOWING)


async def open_sqlite_store(
    path: Path,
    clock: Clock,
    *,
    synchronous: Synchronous = "full",
    lock_timeout: timedelta = LOCK_TIMEOUT,
) -> "SqliteKvStore":
    """Open the file, making it (mode 0600) and its folder (mode 0700) where they are missing.

    Each process opens the file for itself, after a fork. The store belongs to the event loop that opened it.

    Args:
        path: A file on a local disk.
        clock: Says what has expired; processes that share a file should agree on the time.
        synchronous: ``full`` has every commit on the disk before it returns; ``normal`` leaves that to the
            operating system, so a power failure may undo the last commits (never half of one).
        lock_timeout: How long to wait for another process that is writing.

    Raises:
        StoreUnavailableError: the file cannot be used. The sentence says why and what to do.
        StoreCorruptError: a newer program has made its tables.
    """
    connections = await asyncio.to_thread(open_connections, path, synchronous, lock_timeout)
    return SqliteKvStore(connections, clock, lock_timeout=lock_timeout)


class SqliteKvStore:
    """Records in one file, for all processes of one machine; made by :func:`open_sqlite_store`."""

    name = STORE
    durable = True

    def __init__(
        self, connections: Connections, clock: Clock, *, lock_timeout: timedelta = LOCK_TIMEOUT
    ) -> None:
        self._path = connections.path
        self._identity = connections.identity
        self._unix = clock.unix
        self._fast = connections.fast
        self._query = connections.fast.cursor().execute
        self._patient = PatientReader(connections.patient, lock_timeout + _QUERY_TIME)
        self._writer = GroupWriter(connections.writer, clock, lock_timeout)

    @property
    def transactions(self) -> int:
        """How many write transactions, each with its own fsync, this process has committed."""
        return self._writer.transactions

    async def get(self, key: str) -> Entry | None:
        """Return the record, or ``None`` where there is none or it has expired."""
        try:
            row = self._query(READ_RECORD, (key, self._unix())).fetchone()
        except sqlite3.Error as error:
            return await self._get_patiently(key, error)
        except UnicodeEncodeError:
            return None  # no text, so never put
        return None if row is None else Entry(key, *row)

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Write all or nothing, if every check holds; see :meth:`KvStorePort.commit`."""
        batch = read_batch(checks, puts, deletes)
        return await self._writer.run(lambda transaction: transaction.commit(batch))

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """Do many commits, each all or nothing, some in each transaction: others come in between."""
        versions: list[int | None] = []
        for some in in_pieces(read_batches(commits), _COMMITTED_AT_ONCE):
            versions += await self._writer.run(partial(_commit_all, some))
        return versions

    async def take(self, key: str) -> Entry | None:
        """Read and delete in one step, whichever process asks."""
        # Made-up keys, which anybody can send, never reach the writer.
        if await self.get(key) is None:
            return None
        return await self._writer.run(lambda transaction: transaction.take(key))

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """Return records indexed under an owner, by rank then key."""
        check_list_limit(limit)
        if not is_text(owner) or not is_text(after or ""):
            return []
        sql = _LIST_FIRST if after is None else _LIST_FOLLOWING
        parameters = {"owner": owner, "now": self._unix(), "limit": limit, "after": after}
        return [Entry(*row) for row in await self._patient.rows(sql, parameters)]

    async def sweep(self, *, limit: int = 1000) -> int:
        """Delete at most ``limit`` expired records, a few at a time so that other writes come in between."""
        check_sweep_limit(limit)
        removed = 0
        while removed < limit:
            most = min(_SWEPT_AT_ONCE, limit - removed)
            swept = await self._sweep_once(most)
            removed += swept
            if swept < most:
                break
            await asyncio.sleep(_REST_SECONDS)
        return removed

    async def check_health(self) -> None:
        """Return when the file is still in its place, can be read, and its write lock can be had."""
        if not is_same_file(self._path, self._identity):
            problem = f"{self._path} was removed or replaced while it was open; restart the service"
            raise StoreUnavailableError(STORE, problem)
        await self.get("")
        await self._writer.run(lambda _: None)

    async def aclose(self) -> None:
        """Finish writes under way and close the file. Closing twice is no fault."""
        self._fast.close()
        await self._patient.aclose()
        await self._writer.aclose()

    async def _sweep_once(self, most: int) -> int:
        return await self._writer.run(lambda transaction: transaction.sweep(most))

    async def _get_patiently(self, key: str, error: sqlite3.Error) -> Entry | None:
        if not is_busy(error):
            raise unavailable(error) from error
        rows = await self._patient.rows(READ_RECORD, (key, self._unix()))
        return Entry(key, *rows[0]) if rows else None


def _commit_all(batches: Sequence[Batch], transaction: Transaction) -> list[int | None]:
    return [transaction.commit(batch) for batch in batches]
