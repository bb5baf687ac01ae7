"""Sweeping a file: it looks at nothing but what has expired, and holds nobody up meanwhile."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.port import IndexEntry, Put
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store
from netscript_kernel.kv.sqlite import store as store_module
from netscript_kernel.kv.sqlite.schema import migrate
from netscript_kernel.kv.sqlite.transaction import SWEEPS

GROUP = 200


@pytest.mark.parametrize("many", [4000, pytest.param(100_000, marks=pytest.mark.full)])
async def test_while_a_large_sweep_goes_on_others_read_and_write(tmp_path: Path, many: int) -> None:
    store = await _store_with_expired(tmp_path, many)
    sweep, written, read = asyncio.create_task(_sweep_all(store)), 0, 0
    while not sweep.done():
        assert await store.commit(puts=[Put("kept", b"value")]) is not None
        written += 1
        assert await store.get("kept") is not None
        read += 1

    # None of them waited for more than two of the groups.
    assert min(written, read) >= many // GROUP // 2
    assert await sweep == many
    await store.aclose()


async def test_between_the_pieces_of_a_sweep_other_processes_have_time_to_find_the_write_lock_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await _store_with_expired(tmp_path, 2000)
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        with closing(sqlite3.connect(tmp_path / "kv.db", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()

    monkeypatch.setattr(store_module, "asyncio", SimpleNamespace(sleep=rest))

    assert await _sweep_all(store) == 2000

    # They look for it each millisecond.
    assert [seconds for seconds in rests if seconds < 0.002] == []
    assert len(rests) >= 2000 // GROUP
    await store.aclose()


@pytest.mark.parametrize("statement", SWEEPS)
def test_a_sweep_looks_at_nothing_but_what_has_expired(statement: str) -> None:
    database = sqlite3.connect(":memory:", isolation_level=None)
    migrate(database)

    rows = database.execute(f"EXPLAIN QUERY PLAN {statement}", {"now": 0.0, "limit": GROUP}).fetchall()

    database.close()
    plan = [row[3] for row in rows]
    assert any("records_by_expiry (expires_at<?)" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN")]


async def _store_with_expired(folder: Path, many: int) -> SqliteKvStore:
    clock = SettableClock()
    store = await open_sqlite_store(folder / "kv.db", clock, synchronous="normal")
    for first in range(0, many, 1000):
        places = [IndexEntry("owner", first)]
        await store.commit(puts=[Put(f"{first + n}", b"", clock.now(), places) for n in range(1000)])
    await store.commit(puts=[Put("kept", b"value")])
    return store


async def _sweep_all(store: SqliteKvStore) -> int:
    swept = 0
    while piece := await store.sweep():
        swept += piece
    return swept
