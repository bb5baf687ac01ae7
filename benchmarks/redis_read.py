"""How near a read of the Redis store comes to the bare protocol: ``scripts/bench redis_read [--json]``.

1.00 is one connection that joins the GETs of a turn of the event loop and matches answers by their order; it
knows nothing of time limits, of lost connections, or of what a record is. The others are given as their share
of its reads per second, with one reader and with 32 at a time, on the event loop of production. Rounds take
turns, so that whatever else the machine does meets all of them; each number is the median of its rounds.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import hiredis
import uvloop
from redis.asyncio import BlockingConnectionPool, Redis
from redis.maint_notifications import MaintNotificationsConfig

from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.port import KvStorePort, Put
from netscript_kernel.kv.redis import open_redis_store
from netscript_kernel.kv.redis_address import RedisAddress, read_redis_address
from tests.support.valkey import running_valkey

RECORDS = 20_000
AT_ONCE = 1_000
READS = 3_200
READERS = (1, 32)
ROUNDS = 9
VALUE = b"x" * 320  # about what a session takes

Read = Callable[[str], Awaitable[object]]


class _Bare(asyncio.Protocol):
    """The technique alone."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._waiting: deque[asyncio.Future[object]] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not False:
            self._waiting.popleft().set_result(answer)

    def get(self, key: str) -> asyncio.Future[object]:
        future = self._loop.create_future()
        if not self._unsent:
            self._loop.call_soon(self._send)
        name = b"bare:" + key.encode()
        self._unsent.append(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(name), name))
        self._waiting.append(future)
        return future

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


async def _fill(store: KvStorePort, client: Any, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        await store.commit(puts=[Put(key, VALUE) for key in some])
        await client.mset({f"bare:{key}": VALUE for key in some})


async def _read_all(read: Read, keys: Sequence[str]) -> None:
    for key in keys:
        if await read(key) is None:
            raise LookupError(f"{key} was filled in and is not there")


async def _reads_per_second(read: Read, keys: Sequence[str], readers: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(_read_all(read, keys[reader::readers]) for reader in range(readers)))
    return len(keys) / (time.perf_counter() - started)


async def _measure(contenders: dict[str, Read], keys: Sequence[str], readers: int) -> dict[str, float]:
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        wanted = random.choices(keys, k=READS)
        for name, read in contenders.items():
            speeds[name].append(await _reads_per_second(read, wanted, readers))
    return {name: statistics.median(rounds) for name, rounds in speeds.items()}


async def _run(address: RedisAddress) -> dict[int, dict[str, float]]:
    keys = [f"auth/session/{number:032x}" for number in range(RECORDS)]
    store = await open_redis_store(address, SystemClock())
    _, bare = await asyncio.get_running_loop().create_connection(_Bare, address.host, address.port)
    pool = BlockingConnectionPool(
        host=address.host,
        port=address.port,
        max_connections=max(READERS),
        protocol=3,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    client: Any = Redis.from_pool(pool)
    contenders: dict[str, Read] = {
        "bare connection, joined": bare.get,
        "RedisKvStore.get": store.get,
        "redis-py pool, GET": lambda key: client.get(f"bare:{key}"),
    }
    try:
        await _fill(store, client, keys)
        return {readers: await _measure(contenders, keys, readers) for readers in READERS}
    finally:
        bare.close()
        await client.aclose()
        await store.aclose()


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(prog="scripts/bench redis_read", description="Reads of the Redis store.")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    as_json: bool = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder, running_valkey(Path(folder)) as server:
        speeds = uvloop.run(_run(read_redis_address(server.url)))
    rows = {
        f"{name}, {readers} at a time": {
            "ratio": speed / next(iter(of_readers.values())),
            "per_second": speed,
        }
        for readers, of_readers in speeds.items()
        for name, speed in of_readers.items()
    }
    for name, row in rows.items():
        print(f"{name:<42}{row['ratio']:>6.2f}{row['per_second']:>12,.0f}/s")
    if as_json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
