"""SqliteKvStore against the port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store
from netscript_kernel.kv.testing import KvStoreConformance


class TestSqliteKvStore(KvStoreConformance):
    @pytest.fixture
    async def store(self, clock: SettableClock, tmp_path: Path) -> AsyncIterator[SqliteKvStore]:
        store = await open_sqlite_store(tmp_path / "kv.db", clock)
        yield store
        await store.aclose()
