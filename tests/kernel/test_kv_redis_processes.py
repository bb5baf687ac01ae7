"""One server, several processes: nothing is lost, nothing happens twice, nothing is half done."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.port import IndexEntry, Put
from tests.support.valkey import OpenRedis

pytestmark = pytest.mark.slow

PREAMBLE = """
import asyncio, sys
from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.port import Check, IndexEntry, Put
from netscript_kernel.kv.redis import open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address

async def open_store():
    return await open_redis_store(read_redis_address(sys.argv[1]), SystemClock())
"""
COUNT_AND_TAKE = """
async def increment(store):
    while True:
        entry = await store.get("count")
        more = b"%d" % (int(entry.value) + 1)
        if await store.commit(checks=[Check("count", entry.version)], puts=[Put("count", more)]):
            return

async def main():
    store = await open_store()
    print("ready", flush=True)
    sys.stdin.readline()
    taken = 0
    for number in range(50):
        await increment(store)
        taken += await store.take(f"code/{number}") is not None
    await store.aclose()
    print(taken, flush=True)

asyncio.run(main())
"""
WRITE_PAIRS_FOR_EVER = """
async def write(store, number):
    place = [IndexEntry("pairs", 0)]
    puts = [Put(f"{number}/left", b"", index=place), Put(f"{number}/right", b"", index=place)]
    await store.commit(puts=puts, deletes=[f"{number - 8}/left", f"{number - 8}/right"])

async def go_on(store, number):
    while True:
        number += 8
        await write(store, number)

async def main():
    store = await open_store()
    await asyncio.gather(*(write(store, number) for number in range(8)))
    print("ready", flush=True)
    await asyncio.gather(*(go_on(store, number) for number in range(8)))

asyncio.run(main())
"""
WRITE_ONE = """
async def main():
    store = await open_store()
    print(await store.commit(puts=[Put("key", b"")]), flush=True)
    sys.stdin.readline()
    await store.aclose()

asyncio.run(main())
"""


async def _start(code: str, url: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", PREAMBLE + code, url, stdin=PIPE, stdout=PIPE
    )


async def _line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def _release(*processes: Process) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        await process.stdin.drain()


async def test_processes_lose_no_increment_and_take_no_code_twice(
    redis_url: str, open_redis: OpenRedis
) -> None:
    store = await open_redis(SystemClock())
    await store.commit(puts=[Put("count", b"0"), *(Put(f"code/{number}", b"") for number in range(50))])
    processes = [await _start(COUNT_AND_TAKE, redis_url) for _ in range(2)]
    assert [await _line(process) for process in processes] == ["ready", "ready"]

    await _release(*processes)

    taken = [int(await _line(process)) for process in processes]
    assert [await process.wait() for process in processes] == [0, 0]
    assert sum(taken) == 50
    entry = await store.get("count")
    assert entry is not None
    assert entry.value == b"100"


async def test_a_process_that_is_killed_in_the_middle_of_its_commits_leaves_no_half_of_one(
    redis_url: str, open_redis: OpenRedis
) -> None:
    store = await open_redis(SystemClock())
    process = await _start(WRITE_PAIRS_FOR_EVER, redis_url)
    assert await _line(process) == "ready"

    process.kill()

    assert await process.wait() == -signal.SIGKILL
    pairs = [entry.key for entry in await store.list_owned("pairs", limit=1000)]
    assert {f"{key.partition('/')[0]}/{side}" for key in pairs for side in ("left", "right")} == set(pairs)
    assert len(pairs) == 16
    assert all([await store.get(key) for key in pairs])
    place = [IndexEntry("pairs", 0)]
    assert await store.commit(puts=[Put("after", b"", index=place)], deletes=pairs) is not None
    assert [entry.key for entry in await store.list_owned("pairs")] == ["after"]


async def test_what_another_process_commits_is_read_at_once(redis_url: str, open_redis: OpenRedis) -> None:
    store = await open_redis(SystemClock())
    assert await store.get("key") is None
    process = await _start(WRITE_ONE, redis_url)

    version = int(await _line(process))

    entry = await store.get("key")
    assert entry is not None
    assert entry.version == version
    await _release(process)
    assert await process.wait() == 0
