"""How near a read of the key-value store comes to the bare database: ``scripts/bench kv_read [--json]``.

1.00 is an indexed read of one row by the standard library's sqlite3 in the event loop, from a table with
nothing but key and value. The others are given as their share of its reads per second. Rounds take turns, so
that whatever else the machine does meets all of them; each number is the median of its rounds.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort, Put
from netscript_kernel.kv.sqlite import open_sqlite_store

RECORDS = 20_000
AT_ONCE = 1_000
READS = 4_000
ROUNDS = 7
VALUE = b"x" * 320  # about what a session takes

Read = Callable[[str], Awaitable[object]]


def _bare_database(path: Path, keys: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA mmap_size = 268435456")
    connection.execute("CREATE TABLE bare (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO bare VALUES (?, ?)", ((key, VALUE) for key in keys))
    connection.execute("COMMIT")
    return connection


async def _fill(store: KvStorePort, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), AT_ONCE):
        await store.commit(puts=[Put(key, VALUE) for key in keys[start : start + AT_ONCE]])


async def _reads_per_second(read: Read, keys: Sequence[str]) -> float:
    started = time.perf_counter()
    for key in keys:
        if await read(key) is None:
            raise LookupError(f"{key} was filled in and is not there")
    return len(keys) / (time.perf_counter() - started)


async def _measure(contenders: dict[str, Read], keys: Sequence[str]) -> dict[str, float]:
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        wanted = random.choices(keys, k=READS)
        for name, read in contenders.items():
            speeds[name].append(await _reads_per_second(read, wanted))
    return {name: statistics.median(rounds) for name, rounds in speeds.items()}


async def _run(folder: Path) -> dict[str, float]:
    keys = [f"auth/session/{number:032x}" for number in range(RECORDS)]
    bare = _bare_database(folder / "bare.db", keys)
    memory, sqlite = MemoryKvStore(SystemClock()), await open_sqlite_store(folder / "kv.db", SystemClock())
    await _fill(memory, keys)
    await _fill(sqlite, keys)

    def query(key: str) -> object:
        return bare.execute("SELECT value FROM bare WHERE key = ?", (key,)).fetchone()

    async def in_the_loop(key: str) -> object:
        return query(key)

    async def in_a_thread(key: str) -> object:
        return await asyncio.to_thread(query, key)

    contenders: dict[str, Read] = {
        "bare sqlite3 in the loop": in_the_loop,
        "bare sqlite3 in a thread": in_a_thread,
        "SqliteKvStore.get": sqlite.get,
        "MemoryKvStore.get": memory.get,
    }
    try:
        return await _measure(contenders, keys)
    finally:
        await sqlite.aclose()
        await memory.aclose()
        bare.close()


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench kv_read", description="Reads of the key-value store."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    as_json: bool = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        speeds = asyncio.run(_run(Path(folder)))
    limit = next(iter(speeds.values()))
    rows = {name: {"ratio": speed / limit, "per_second": speed} for name, speed in speeds.items()}
    for name, row in rows.items():
        print(f"{name:<28}{row['ratio']:>6.2f}{row['per_second']:>12,.0f}/s")
    if as_json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
