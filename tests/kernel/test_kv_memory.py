"""MemoryKvStore against the port, and what its memory is bounded by."""

import pickle
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import IndexEntry, Put
from netscript_kernel.kv.testing import KvStoreConformance


class TestMemoryKvStore(KvStoreConformance):
    @pytest.fixture
    async def store(self, clock: SettableClock) -> AsyncIterator[MemoryKvStore]:
        store = MemoryKvStore(clock)
        yield store
        await store.aclose()


async def test_it_does_not_call_itself_durable() -> None:
    assert not MemoryKvStore(SettableClock()).durable


def _size(store: MemoryKvStore) -> int:
    """All that the store holds on to, in bytes."""
    return len(pickle.dumps(store))


async def test_writing_one_key_again_and_again_needs_no_more_memory() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)

    for _ in range(2000):
        clock.advance(timedelta(seconds=1))
        place = IndexEntry("owner", clock.unix())
        await store.commit(puts=[Put("key", b"", clock.now() + timedelta(days=7), [place])])

    assert _size(store) < 3000


async def test_what_was_swept_or_deleted_leaves_nothing_behind() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    empty = _size(store)

    for number in range(500):
        place = IndexEntry(f"owner {number}", 1)
        await store.commit(puts=[Put(f"{number}", b"", clock.now(), [place]), Put("other", b"")])
        await store.commit(deletes=["other"])
        await store.sweep()

    assert _size(store) < empty + 100
