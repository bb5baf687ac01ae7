"""How SqliteKvStore writes: together, on the disk, and whatever happens to a caller or to the disk."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Check, KvStorePort, Put
from netscript_kernel.kv.sqlite import SqliteKvStore, Synchronous, open_sqlite_store
from netscript_kernel.kv.sqlite.connections import Connections, open_connections
from netscript_kernel.kv.sqlite.writer import GroupWriter

SHORT = timedelta(milliseconds=50)
LONG = timedelta(seconds=30)
FULL, NORMAL = 2, 1


@pytest.fixture
async def connections(tmp_path: Path) -> Connections:
    return open_connections(tmp_path / "kv.db", "full", LONG)


@pytest.fixture
async def store(connections: Connections) -> AsyncIterator[SqliteKvStore]:
    store = SqliteKvStore(connections, SystemClock(), lock_timeout=LONG)
    yield store
    await store.aclose()


@contextmanager
def _write_lock(path: Path) -> Generator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def _start(*writes: asyncio.Task[int | None]) -> None:
    await asyncio.sleep(0)
    assert not any(write.done() for write in writes)


def _put(store: KvStorePort, key: str, value: bytes = b"") -> asyncio.Task[int | None]:
    return asyncio.create_task(store.commit(puts=[Put(key, value)]))


@pytest.mark.parametrize(("synchronous", "level"), [("full", FULL), ("normal", NORMAL)])
async def test_the_disk_is_synced_as_was_asked_for(
    tmp_path: Path, synchronous: Synchronous, level: int
) -> None:
    opened = open_connections(tmp_path / "kv.db", synchronous, LONG)
    store = SqliteKvStore(opened, SystemClock())

    (journal,) = opened.writer.execute("PRAGMA journal_mode").fetchone()
    (setting,) = opened.writer.execute("PRAGMA synchronous").fetchone()

    assert (journal, setting) == ("wal", level)
    await store.aclose()


async def test_a_store_opened_without_options_syncs_every_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[str] = []

    def watch(path: Path, synchronous: Synchronous, lock_timeout: timedelta) -> Connections:
        asked_for.append(synchronous)
        return open_connections(path, synchronous, lock_timeout)

    monkeypatch.setattr("netscript_kernel.kv.sqlite.store.open_connections", watch)

    store = await open_sqlite_store(tmp_path / "kv.db", SystemClock())

    assert asked_for == ["full"]
    assert store.durable
    await store.aclose()


async def test_the_reading_connections_cannot_write(connections: Connections) -> None:
    for reader in (connections.fast, connections.patient):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM records")

    assert connections.fast.execute("PRAGMA busy_timeout").fetchone() == (0,)
    for connection in (connections.fast, connections.patient, connections.writer):
        connection.close()


async def test_commits_that_wait_for_the_disk_share_a_transaction(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        writes = [_put(store, f"{number}") for number in range(300)]
        await _start(*writes)

    versions = await asyncio.gather(*writes)

    assert len(set(versions)) == 300
    assert store.transactions <= 2


async def test_a_failed_check_does_not_touch_the_others_of_its_transaction(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        winner = asyncio.create_task(store.commit(checks=[Check("key", None)], puts=[Put("key", b"1")]))
        loser = asyncio.create_task(store.commit(checks=[Check("key", None)], puts=[Put("key", b"2")]))
        bystander = _put(store, "other")
        await _start(winner, loser, bystander)

    assert await winner is not None
    assert await loser is None
    assert await bystander is not None
    entry = await store.get("key")
    assert entry is not None
    assert entry.value == b"1"


async def test_a_commit_that_cannot_be_written_does_not_touch_the_others_of_its_transaction(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        no_bytes = cast("bytes", "\ud800")
        writes = [_put(store, "first"), _put(store, "broken", no_bytes), _put(store, "last")]
        await _start(*writes)

    first, broken, last = await asyncio.gather(*writes, return_exceptions=True)

    assert isinstance(broken, ValueError)
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert await store.get("first")
    assert await store.get("last")


async def test_a_full_disk_fails_the_commits_that_do_not_fit_and_no_later_one(
    store: SqliteKvStore, connections: Connections
) -> None:
    await store.commit(puts=[Put("before", b"")])
    (pages,) = connections.writer.execute("PRAGMA page_count").fetchone()
    connections.writer.execute(f"PRAGMA max_page_count = {pages + 4}")
    with _write_lock(connections.path):
        writes = [_put(store, "small"), _put(store, "large", b"x" * 1_000_000), _put(store, "little")]
        await _start(*writes)

    small, large, little = await asyncio.gather(*writes, return_exceptions=True)

    assert isinstance(large, StoreUnavailableError)
    assert "make room" in str(large)
    assert isinstance(small, int)
    assert isinstance(little, int)
    assert await store.get("large") is None
    connections.writer.execute("PRAGMA max_page_count = 100000")
    assert await store.commit(puts=[Put("large", b"x" * 1_000_000)]) is not None


async def test_a_commit_whose_caller_was_cancelled_is_written_all_the_same(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        abandoned, awaited = _put(store, "abandoned"), _put(store, "awaited")
        await _start(abandoned, awaited)
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned

    assert await awaited is not None
    assert await store.get("abandoned") is not None


async def test_a_write_that_fails_after_its_caller_was_cancelled_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Long enough for the caller to go first.
    limit = timedelta(milliseconds=500)
    store = await open_sqlite_store(tmp_path / "kv.db", SystemClock(), lock_timeout=limit)
    with _write_lock(tmp_path / "kv.db"), caplog.at_level(logging.WARNING):
        abandoned = _put(store, "key-of-somebody")
        await _start(abandoned)
        abandoned.cancel()
        await store.aclose()

    assert "a write whose caller had gone failed" in caplog.text
    assert "key-of-somebody" not in caplog.text


async def test_a_lock_that_is_kept_too_long_is_an_error_and_the_writer_goes_on(tmp_path: Path) -> None:
    store = await open_sqlite_store(tmp_path / "kv.db", SystemClock(), lock_timeout=SHORT)
    with _write_lock(tmp_path / "kv.db"):
        with pytest.raises(StoreUnavailableError, match="locked for too long"):
            await store.commit(puts=[Put("key", b"")])
        with pytest.raises(StoreUnavailableError, match="locked for too long"):
            await store.check_health()

        assert await store.get("key") is None

    assert await store.commit(puts=[Put("key", b"")]) is not None
    await store.aclose()


async def test_taking_what_is_not_there_does_not_wait_for_the_writer(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        assert await store.take("made up") is None


async def test_a_large_sweep_lets_other_writes_in_between(tmp_path: Path) -> None:
    clock = SettableClock()
    store = await open_sqlite_store(tmp_path / "kv.db", clock)
    await store.commit(puts=[Put(f"{number}", b"", clock.now()) for number in range(1000)])
    before = store.transactions

    swept = await store.sweep()

    assert swept == 1000
    assert store.transactions - before >= 5
    await store.aclose()


async def test_closing_waits_for_the_lock_that_a_write_waits_for(
    store: SqliteKvStore, connections: Connections
) -> None:
    with _write_lock(connections.path):
        write = _put(store, "key")
        await _start(write)
        closing_store = asyncio.create_task(store.aclose())
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailableError, match="closed"):
            await store.get("key")

    await closing_store

    assert await write is not None


async def test_a_caller_that_stops_waiting_for_the_end_does_not_stop_it(
    connections: Connections,
) -> None:
    writer = GroupWriter(connections.writer, SystemClock(), LONG)
    with _write_lock(connections.path):
        write = asyncio.create_task(writer.run(lambda transaction: transaction.sweep(1)))
        await asyncio.sleep(0)
        impatient = asyncio.create_task(writer.aclose())
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient

    await writer.aclose()

    assert await write == 0
    connections.fast.close()
    connections.patient.close()
