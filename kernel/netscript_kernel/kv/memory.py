"""MemoryKvStore: the port in one process and for its lifetime; what other stores are compared with."""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.batch import (
    Batch,
    Record,
    check_list_limit,
    check_sweep_limit,
    read_batch,
    read_batches,
)
from netscript_kernel.kv.port import Check, Commit, Entry, Put

_FEW = 64


@dataclass(frozen=True, slots=True)
class _Held:
    entry: Entry
    record: Record


class MemoryKvStore:
    """Records in dictionaries, gone when the process ends.

    No method waits for anything, so within one event loop each is atomic as it stands.

    Example::

        store = MemoryKvStore(SystemClock())
        await store.commit(puts=[Put("greeting", b"hello")])
    """

    name = "memory"
    durable = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed = False
        self._version = 0
        self._held: dict[str, _Held] = {}
        self._owned: dict[str, list[tuple[float, str]]] = {}
        self._expiring = 0
        self._expiries: list[tuple[float, str]] = []

    async def get(self, key: str) -> Entry | None:
        """Return the record, or ``None`` where there is none or it has expired."""
        self._check_open()
        return self._live(key)

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Write all or nothing, if every check holds; see :meth:`KvStorePort.commit`."""
        self._check_open()
        return self._commit(read_batch(checks, puts, deletes))

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """Do many commits, each all or nothing."""
        self._check_open()
        return [self._commit(batch) for batch in read_batches(commits)]

    async def take(self, key: str) -> Entry | None:
        """Read and delete in one step."""
        self._check_open()
        entry = self._live(key)
        if entry is not None:
            self._remove(key)
        return entry

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """Return records indexed under an owner, by rank then key."""
        self._check_open()
        check_list_limit(limit)
        places = self._owned.get(owner, [])
        first = 0 if after is None else self._position_after(owner, after)
        following = (self._live(places[at][1]) for at in range(first, len(places)))
        return list(islice((entry for entry in following if entry is not None), limit))

    async def sweep(self, *, limit: int = 1000) -> int:
        """Delete at most ``limit`` expired records for good and return how many went."""
        self._check_open()
        check_sweep_limit(limit)
        now, removed = self._clock.unix(), 0
        while removed < limit and self._expiries and self._expiries[0][0] <= now:
            removed += self._remove_if_expiring(*heapq.heappop(self._expiries))
        return removed

    async def check_health(self) -> None:
        """Return while the store is open."""
        self._check_open()

    async def aclose(self) -> None:
        """Let go of all records."""
        self._closed = True
        self._held.clear()
        self._owned.clear()
        self._expiries.clear()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError(self.name, "it is closed")

    def _live(self, key: str) -> Entry | None:
        held = self._held.get(key)
        if held is None:
            return None
        expires_at = held.record.expires_at
        if expires_at is not None and expires_at <= self._clock.unix():
            return None
        return held.entry

    def _holds(self, check: Check) -> bool:
        entry = self._live(check.key)
        return (entry.version if entry else None) == check.version

    def _commit(self, batch: Batch) -> int | None:
        if not all(self._holds(check) for check in batch.checks):
            return None
        return self._write(batch)

    def _position_after(self, owner: str, key: str) -> int:
        places = self._owned.get(owner, [])
        if self._live(key) is None:
            return len(places)
        index = dict(self._held[key].record.index)
        if owner not in index:
            return len(places)
        return bisect_right(places, (index[owner], key))

    def _write(self, batch: Batch) -> int:
        self._version += 1
        for key in batch.deletes:
            self._remove(key)
        for record in batch.records:
            self._remove(record.key)
            self._add(record)
        self._compact_expiries()
        return self._version

    def _add(self, record: Record) -> None:
        self._held[record.key] = _Held(Entry(record.key, record.value, self._version), record)
        for owner, rank in record.index:
            insort(self._owned.setdefault(owner, []), (rank, record.key))
        if record.expires_at is not None:
            self._expiring += 1
            heapq.heappush(self._expiries, (record.expires_at, record.key))

    def _remove(self, key: str) -> None:
        held = self._held.pop(key, None)
        if held is None:
            return
        self._expiring -= held.record.expires_at is not None
        for owner, rank in held.record.index:
            places = self._owned[owner]
            del places[bisect_left(places, (rank, key))]
            if not places:
                del self._owned[owner]

    def _remove_if_expiring(self, expires_at: float, key: str) -> bool:
        held = self._held.get(key)
        if held is None or held.record.expires_at != expires_at:
            return False
        self._remove(key)
        return True

    def _compact_expiries(self) -> None:
        # A key that is written again leaves its old place in the heap behind.
        if len(self._expiries) <= 2 * self._expiring + _FEW:
            return
        self._expiries = [
            (held.record.expires_at, key)
            for key, held in self._held.items()
            if held.record.expires_at is not None
        ]
        heapq.heapify(self._expiries)
