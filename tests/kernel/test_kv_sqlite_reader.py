"""What SqliteKvStore does when a read in the event loop meets a lock."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Entry, Put
from netscript_kernel.kv.sqlite import SqliteKvStore
from netscript_kernel.kv.sqlite.connections import Connections, open_connections
from netscript_kernel.kv.sqlite.reader import PatientReader

SHORT = timedelta(milliseconds=50)


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return open_connections(tmp_path / "kv.db", "normal", SHORT)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A file that answers every reader with SQLITE_BUSY, as a log under recovery does for a moment."""
    path = tmp_path / "locked.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE records (key, value, version, expires_at)")
        holder.execute("BEGIN EXCLUSIVE")
        yield path


@pytest.fixture
async def blocked_in_the_loop(connections: Connections, locked: Path) -> AsyncIterator[SqliteKvStore]:
    connections.fast.close()
    busy = sqlite3.connect(locked, timeout=0)
    store = SqliteKvStore(replace(connections, fast=busy), SystemClock(), lock_timeout=SHORT)
    yield store
    await store.aclose()


async def test_a_read_that_meets_a_lock_is_answered_by_the_patient_reader(
    blocked_in_the_loop: SqliteKvStore,
) -> None:
    version = await blocked_in_the_loop.commit(puts=[Put("key", b"value")])

    entry = await blocked_in_the_loop.get("key")

    assert version is not None
    assert entry == Entry("key", b"value", version)
    assert await blocked_in_the_loop.get("nothing") is None


async def test_a_read_leaves_nothing_open_that_would_keep_the_log_from_being_emptied(
    connections: Connections,
) -> None:
    store = SqliteKvStore(connections, SystemClock(), lock_timeout=SHORT)
    await store.commit(puts=[Put("key", b"value")])

    assert await store.get("key") is not None
    assert await store.list_owned("owner") == []

    busy, frames, _ = connections.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, frames) == (0, 0)
    await store.aclose()


async def test_a_lock_that_stays_is_an_error_never_a_miss(connections: Connections, locked: Path) -> None:
    connections.fast.close()
    connections.patient.close()
    busy = sqlite3.connect(locked, timeout=0)
    waiting = sqlite3.connect(locked, timeout=SHORT.total_seconds(), check_same_thread=False)
    store = SqliteKvStore(replace(connections, fast=busy, patient=waiting), SystemClock(), lock_timeout=SHORT)

    with pytest.raises(StoreUnavailableError, match="locked for too long"):
        await store.get("key")

    await store.aclose()


async def test_a_query_that_hangs_is_given_up() -> None:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    released = threading.Event()
    connection.create_function("hang", 0, released.wait)
    reader = PatientReader(connection, timedelta(milliseconds=20))

    with pytest.raises(StoreUnavailableError, match=r"no answer within 0\.02 s"):
        await reader.rows("SELECT hang()", ())

    released.set()
    await reader.aclose()


async def test_closing_waits_for_the_query_under_way() -> None:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    released = threading.Event()
    connection.create_function("hang", 0, released.wait)
    reader = PatientReader(connection, timedelta(seconds=30))
    query = asyncio.create_task(reader.rows("SELECT hang()", ()))
    await asyncio.sleep(0)
    end = asyncio.create_task(reader.aclose())
    for _ in range(5):
        await asyncio.sleep(0)
        assert not end.done()

    released.set()
    await end

    assert await query == [(1,)]
    with pytest.raises(StoreUnavailableError, match="closed"):
        await reader.rows("SELECT 1", ())
