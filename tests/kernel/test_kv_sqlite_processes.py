"""One file, several processes: nothing is lost, nothing happens twice, nobody is kept from reading."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Put
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store

pytestmark = pytest.mark.slow

PREAMBLE = """
import asyncio, sqlite3, sys
from datetime import timedelta
from pathlib import Path
from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.port import Check, Put
from netscript_kernel.kv.sqlite import open_sqlite_store

path = Path(sys.argv[1])

def opened():
    return open_sqlite_store(path, SystemClock(), lock_timeout=timedelta(seconds=30))
"""
COMMIT_AND_WAIT = """
async def main():
    store = await opened()
    for number in range(50):
        version = await store.commit(puts=[Put(f"{number}", b"value %d" % number)])
    print(version, flush=True)
    await store.commit(puts=[Put("last", b"")])
    await asyncio.sleep(600)

asyncio.run(main())
"""
COUNT_AND_TAKE = """
async def increment(store):
    while True:
        entry = await store.get("count")
        more = b"%d" % (int(entry.value) + 1)
        if await store.commit(checks=[Check("count", entry.version)], puts=[Put("count", more)]):
            return

async def main():
    store = await opened()
    print("ready", flush=True)
    sys.stdin.readline()
    taken = 0
    for number in range(100):
        await increment(store)
        taken += await store.take(f"code/{number}") is not None
    await store.aclose()
    print(taken, flush=True)

asyncio.run(main())
"""
OPEN_AND_WRITE = """
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    store = await opened()
    print(await store.commit(puts=[Put(sys.argv[2], b"")]), flush=True)
    await store.aclose()

asyncio.run(main())
"""
HOLD_THE_WRITE_LOCK = """
connection = sqlite3.connect(path, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE records SET value = ?", (b"not committed",))
print("ready", flush=True)
sys.stdin.readline()
connection.close()
"""


async def _start(code: str, *arguments: object) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", PREAMBLE + code, *map(str, arguments), stdin=PIPE, stdout=PIPE
    )


async def _line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def _release(*processes: Process) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        await process.stdin.drain()


async def _open(path: Path, *, lock_timeout: timedelta = timedelta(seconds=30)) -> SqliteKvStore:
    return await open_sqlite_store(path, SystemClock(), lock_timeout=lock_timeout)


async def test_a_commit_that_returned_survives_kill_9(tmp_path: Path) -> None:
    process = await _start(COMMIT_AND_WAIT, tmp_path / "kv.db")
    last_version = int(await _line(process))

    process.kill()

    assert await process.wait() == -signal.SIGKILL
    store = await _open(tmp_path / "kv.db")
    entries = [await store.get(f"{number}") for number in range(50)]
    assert [entry and entry.value for entry in entries] == [b"value %d" % number for number in range(50)]
    version = await store.commit(puts=[Put("after", b"")])
    assert version is not None
    assert version > last_version
    await store.aclose()


async def test_two_processes_lose_no_increment_and_take_no_code_twice(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db")
    await store.commit(puts=[Put("count", b"0"), *(Put(f"code/{number}", b"") for number in range(100))])
    processes = [await _start(COUNT_AND_TAKE, tmp_path / "kv.db") for _ in range(2)]
    assert [await _line(process) for process in processes] == ["ready", "ready"]

    await _release(*processes)

    taken = [int(await _line(process)) for process in processes]
    assert [await process.wait() for process in processes] == [0, 0]
    assert sum(taken) == 100
    entry = await store.get("count")
    assert entry is not None
    assert entry.value == b"200"
    await store.aclose()


async def test_processes_may_make_the_same_file_at_the_same_time(tmp_path: Path) -> None:
    processes = [await _start(OPEN_AND_WRITE, tmp_path / "kv.db", name) for name in "abc"]
    assert [await _line(process) for process in processes] == ["ready"] * 3

    await _release(*processes)

    versions = [int(await _line(process)) for process in processes]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    assert sorted(versions) == [1, 2, 3]
    store = await _open(tmp_path / "kv.db")
    assert all([await store.get(name) for name in "abc"])
    await store.aclose()


async def test_readers_are_not_kept_waiting_by_a_writer_of_another_process(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db", lock_timeout=timedelta(milliseconds=50))
    await store.commit(puts=[Put("key", b"committed")])
    process = await _start(HOLD_THE_WRITE_LOCK, tmp_path / "kv.db")
    assert await _line(process) == "ready"

    entry = await store.get("key")
    owned = await store.list_owned("owner")

    assert entry is not None
    assert entry.value == b"committed"
    assert list(owned) == []
    with pytest.raises(StoreUnavailableError):
        await store.commit(puts=[Put("key", b"waits")])
    await _release(process)
    assert await process.wait() == 0
    assert await store.commit(puts=[Put("key", b"goes on")]) is not None
    await store.aclose()


async def test_what_another_process_commits_is_read_at_once(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db")
    assert await store.get("a") is None
    process = await _start(OPEN_AND_WRITE, tmp_path / "kv.db", "a")
    await _release(process)
    assert await _line(process) == "ready"

    version = int(await _line(process))

    entry = await store.get("a")
    assert entry is not None
    assert entry.version == version
    assert await process.wait() == 0
    await store.aclose()
