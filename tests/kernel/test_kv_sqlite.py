"""SqliteKvStore against the port."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.port import IndexEntry, Put
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store
from netscript_kernel.kv.testing import KvStoreConformance


class TestSqliteKvStore(KvStoreConformance):
    @pytest.fixture
    async def store(self, clock: SettableClock, tmp_path: Path) -> AsyncIterator[SqliteKvStore]:
        store = await open_sqlite_store(tmp_path / "kv.db", clock)
        yield store
        await store.aclose()


async def test_what_goes_leaves_no_row_behind(tmp_path: Path) -> None:
    clock = SettableClock()
    store = await open_sqlite_store(tmp_path / "kv.db", clock)
    index = [IndexEntry("owner", 1), IndexEntry("other", 2)]
    names = ["deleted", "taken", "expired", "written again"]
    await store.commit(puts=[Put(name, b"", clock.now() + timedelta(seconds=1), index) for name in names])

    await store.commit(puts=[Put("written again", b"")], deletes=["deleted"])
    await store.take("taken")
    clock.advance(timedelta(seconds=1))
    await store.sweep()

    await store.aclose()
    with closing(sqlite3.connect(tmp_path / "kv.db")) as connection:
        assert connection.execute("SELECT key FROM records").fetchall() == [("written again",)]
        assert connection.execute("SELECT * FROM owned").fetchall() == []
