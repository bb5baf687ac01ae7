"""SqliteKvStore and MemoryKvStore answer alike, whatever is done to both."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Check, IndexEntry, KvStorePort, Put
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store

KEYS = ["a", "B", "é", "%_'\"", "🔑"]
OWNERS = ["o", "o2"]

keys = st.sampled_from(KEYS)
lifetimes = st.one_of(st.none(), st.integers(min_value=-1, max_value=3))
places = st.lists(
    st.builds(IndexEntry, st.sampled_from(OWNERS), st.sampled_from([-1.0, 0.0, 0.5, 2.0])),
    max_size=2,
    unique_by=lambda place: place.owner,
)
wishes = st.dictionaries(
    keys, st.one_of(st.none(), st.tuples(st.binary(max_size=3), lifetimes, places)), max_size=4
)
# How far back the version lies that a check expects; None expects nothing to be there.
expectations = st.dictionaries(keys, st.one_of(st.none(), st.integers(min_value=0, max_value=2)), max_size=2)


class Agreement(RuleBasedStateMachine):
    """Every step is done to both stores; after each of them all that can be read is the same."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._clock = SettableClock()
        self._seen: dict[str, list[int]] = {key: [] for key in KEYS}
        self._memory = MemoryKvStore(self._clock)
        self._sqlite = self._open()

    def teardown(self) -> None:
        self._runner.run(self._sqlite.aclose())
        self._runner.close()
        self._folder.cleanup()

    @rule(wishes=wishes, expectations=expectations)
    def commit(
        self,
        wishes: dict[str, tuple[bytes, int | None, list[IndexEntry]] | None],
        expectations: dict[str, int | None],
    ) -> None:
        checks = [Check(key, self._version(key, age)) for key, age in expectations.items()]
        puts = [self._read_wish(key, *wish) for key, wish in wishes.items() if wish is not None]
        deletes = [key for key, wish in wishes.items() if wish is None]

        mine = self._runner.run(self._memory.commit(checks=checks, puts=puts, deletes=deletes))
        theirs = self._runner.run(self._sqlite.commit(checks=checks, puts=puts, deletes=deletes))

        assert mine == theirs
        if theirs is not None:
            for put in puts:
                self._seen[put.key].append(theirs)

    @rule(key=keys)
    def take(self, key: str) -> None:
        mine = self._runner.run(self._memory.take(key))
        theirs = self._runner.run(self._sqlite.take(key))

        assert mine == theirs

    @rule(limit=st.integers(min_value=1, max_value=3))
    def sweep(self, limit: int) -> None:
        mine = self._runner.run(self._memory.sweep(limit=limit))
        theirs = self._runner.run(self._sqlite.sweep(limit=limit))

        assert mine == theirs

    @rule(seconds=st.integers(min_value=0, max_value=2))
    def move_the_clock(self, seconds: int) -> None:
        self._clock.advance(timedelta(seconds=seconds))

    @rule(owner=st.sampled_from(OWNERS), limit=st.integers(min_value=1, max_value=2), after=keys)
    def turn_a_page(self, owner: str, limit: int, after: str) -> None:
        mine = self._runner.run(self._memory.list_owned(owner, limit=limit, after=after))
        theirs = self._runner.run(self._sqlite.list_owned(owner, limit=limit, after=after))

        assert mine == theirs

    @rule()
    def reopen(self) -> None:
        self._runner.run(self._sqlite.aclose())
        self._sqlite = self._open()

    @invariant()
    def both_read_the_same(self) -> None:
        assert self._runner.run(_read_all(self._memory)) == self._runner.run(_read_all(self._sqlite))

    def _open(self) -> SqliteKvStore:
        path = Path(self._folder.name, "kv.db")
        return self._runner.run(open_sqlite_store(path, self._clock, synchronous="normal"))

    def _version(self, key: str, age: int | None) -> int | None:
        if age is None or len(self._seen[key]) <= age:
            return None
        return self._seen[key][-1 - age]

    def _read_wish(self, key: str, value: bytes, lifetime: int | None, index: list[IndexEntry]) -> Put:
        expires_at = None if lifetime is None else self._clock.now() + timedelta(seconds=lifetime)
        return Put(key, value, expires_at, index)


async def _read_all(store: KvStorePort) -> list[object]:
    records = [await store.get(key) for key in KEYS]
    lists = [list(await store.list_owned(owner)) for owner in OWNERS]
    return [records, lists]


Agreement.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAgreement = Agreement.TestCase
