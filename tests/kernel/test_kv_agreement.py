"""All stores answer alike, whatever is done to them."""

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Check, Commit, Entry, IndexEntry, KvStorePort, Put
from netscript_kernel.kv.redis import open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address
from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.support.valkey import Valkey

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


class _Other:
    """A store beside the one in memory, with the versions that it gave to the same commits."""

    def __init__(self, store: KvStorePort) -> None:
        self.store = store
        self._mine: dict[int, int] = {}
        self._theirs: dict[int, int] = {}

    def learn(self, mine: int, theirs: int) -> None:
        assert theirs > max(self._mine, default=0)
        self._mine[theirs], self._theirs[mine] = mine, theirs

    def check(self, check: Check) -> Check:
        """The same condition, in its versions."""
        return Check(check.key, None if check.version is None else self._theirs[check.version])

    def read(self, entries: Iterable[Entry | None]) -> list[Entry | None]:
        """What it returned, in the versions of the store in memory."""
        return [entry and Entry(entry.key, entry.value, self._mine[entry.version]) for entry in entries]


class Agreement(RuleBasedStateMachine):
    """Every step is done to all stores; after each of them all that can be read is the same."""

    server: ClassVar[Valkey]

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._clock = SettableClock()
        self._seen: dict[str, list[int]] = {key: [] for key in KEYS}
        self._memory = MemoryKvStore(self._clock)
        self.server.empty()
        self._others = [_Other(self._open_sqlite()), _Other(self._open_redis())]

    def teardown(self) -> None:
        self._close_others()
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

        for other in self._others:
            translated = [other.check(check) for check in checks]
            theirs = self._runner.run(other.store.commit(checks=translated, puts=puts, deletes=deletes))
            assert (theirs is None) == (mine is None)
            if mine is not None and theirs is not None:
                other.learn(mine, theirs)
        if mine is not None:
            for put in puts:
                self._seen[put.key].append(mine)

    @rule(wishes=st.lists(st.tuples(keys, st.binary(max_size=2), expectations), max_size=3))
    def commit_each(self, wishes: list[tuple[str, bytes, dict[str, int | None]]]) -> None:
        expected = [
            [Check(other, self._version(other, age)) for other, age in expectations.items()]
            for _, _, expectations in wishes
        ]
        puts = [[Put(key, value)] for key, value, _ in wishes]

        mine = self._runner.run(self._memory.commit_each([*map(Commit, expected, puts)]))

        for other in self._others:
            translated = [[other.check(check) for check in checks] for checks in expected]
            theirs = self._runner.run(other.store.commit_each([*map(Commit, translated, puts)]))
            assert [version is None for version in theirs] == [version is None for version in mine]
            for ours, other_version in zip(mine, theirs, strict=True):
                if ours is not None and other_version is not None:
                    other.learn(ours, other_version)
        for (key, _, _), version in zip(wishes, mine, strict=True):
            if version is not None:
                self._seen[key].append(version)

    @rule(key=keys)
    def take(self, key: str) -> None:
        mine = self._runner.run(self._memory.take(key))

        for other in self._others:
            assert other.read([self._runner.run(other.store.take(key))]) == [mine]

    @rule(limit=st.integers(min_value=1, max_value=3))
    def sweep(self, limit: int) -> None:
        mine = self._runner.run(self._memory.sweep(limit=limit))

        for other in self._others:
            assert self._runner.run(other.store.sweep(limit=limit)) == mine

    @rule(seconds=st.integers(min_value=0, max_value=2))
    def move_the_clock(self, seconds: int) -> None:
        self._clock.advance(timedelta(seconds=seconds))

    @rule(owner=st.sampled_from(OWNERS), limit=st.integers(min_value=1, max_value=2), after=keys)
    def turn_a_page(self, owner: str, limit: int, after: str) -> None:
        mine = self._runner.run(self._memory.list_owned(owner, limit=limit, after=after))

        for other in self._others:
            page = self._runner.run(other.store.list_owned(owner, limit=limit, after=after))
            assert other.read(page) == mine

    @rule()
    def reopen(self) -> None:
        self._close_others()
        for other, open_again in zip(self._others, (self._open_sqlite, self._open_redis), strict=True):
            other.store = open_again()

    @invariant()
    def all_read_the_same(self) -> None:
        mine = self._runner.run(_read_all(self._memory))

        for other in self._others:
            assert other.read(self._runner.run(_read_all(other.store))) == mine

    def _open_sqlite(self) -> KvStorePort:
        path = Path(self._folder.name, "kv.db")
        return self._runner.run(open_sqlite_store(path, self._clock, synchronous="normal"))

    def _open_redis(self) -> KvStorePort:
        return self._runner.run(open_redis_store(read_redis_address(self.server.url), self._clock))

    def _close_others(self) -> None:
        for other in self._others:
            self._runner.run(other.store.aclose())

    def _version(self, key: str, age: int | None) -> int | None:
        if age is None or len(self._seen[key]) <= age:
            return None
        return self._seen[key][-1 - age]

    def _read_wish(self, key: str, value: bytes, lifetime: int | None, index: list[IndexEntry]) -> Put:
        expires_at = None if lifetime is None else self._clock.now() + timedelta(seconds=lifetime)
        return Put(key, value, expires_at, index)


async def _read_all(store: KvStorePort) -> list[Entry | None]:
    records = [await store.get(key) for key in KEYS]
    lists = [await store.list_owned(owner) for owner in OWNERS]
    # With something in between, so that no entry can pass from the end of one list to the start of the next.
    return [*records, *(entry for listed in lists for entry in (*listed, None))]


@pytest.fixture(autouse=True, scope="module")
def _server(redis_server: Valkey) -> None:
    Agreement.server = redis_server


Agreement.TestCase.settings = settings(
    max_examples=max(1, settings().max_examples // 6),  # of 25 steps each, all of them done to three stores
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAgreement = Agreement.TestCase
