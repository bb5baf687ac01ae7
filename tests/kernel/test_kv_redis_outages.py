"""A server that is away, hangs, closes or refuses: an error that says why, and a fresh start afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import IndexEntry, KvStorePort, Put
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.redis.dialing import Dialer
from netscript_kernel.kv.redis.reads import Reads
from netscript_kernel.kv.redis_address import RedisAddress, read_redis_address
from tests.support.pretend_redis import CLOSE, SILENCE, PretendRedis, bulk, greeting, pretending, usual
from tests.support.valkey import running_valkey

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=30)

USES: dict[str, Callable[[KvStorePort], Awaitable[object]]] = {
    "get": lambda store: store.get("key-of-somebody"),
    "commit": lambda store: store.commit(puts=[Put("key-of-somebody", b"value-of-somebody")]),
    "take": lambda store: store.take("key-of-somebody"),
    "list_owned": lambda store: store.list_owned("owner"),
    "sweep": lambda store: store.sweep(),
    "check_health": lambda store: store.check_health(),
}


async def _open(url: str, limit: timedelta = LONG) -> RedisKvStore:
    address = read_redis_address(url)
    return await open_redis_store(address, SystemClock(), connect_limit=limit, answer_limit=limit)


async def _open_pretended(server: PretendRedis, limit: timedelta = LONG) -> RedisKvStore:
    return await open_redis_store(server.address, SystemClock(), connect_limit=limit, answer_limit=limit)


def _reads(address: RedisAddress, limit: timedelta = LONG) -> Reads:
    return Reads(Dialer(address, None, limit, limit).dial)


async def _once_it_serves(store: RedisKvStore, use: Callable[[KvStorePort], Awaitable[object]]) -> None:
    """Use the store as soon as a connection may be tried again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await use(store)
            except StoreUnavailableError:
                await asyncio.sleep(0)
            else:
                return


async def _failure(use: Awaitable[object]) -> str:
    with pytest.raises(StoreUnavailableError) as caught:
        await use
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "of-somebody" not in told
    return str(caught.value)


@pytest.mark.parametrize("use", USES)
async def test_a_server_that_died_is_an_error_and_serves_again_once_it_is_back(
    tmp_path: Path, use: str
) -> None:
    with running_valkey(tmp_path) as server:
        store = await _open(server.url)
        await store.commit(puts=[Put("before", b"")])
        server.kill()

        told = await _failure(USES[use](store))

        with running_valkey(tmp_path, port=server.port):
            await _once_it_serves(store, USES[use])
        assert "nothing listens there" in told or "closed the connection" in told
        await store.aclose()


async def test_records_outlive_a_server_that_writes_its_log_to_the_disk(tmp_path: Path) -> None:
    log = ("--appendonly", "yes", "--appendfsync", "always")
    with running_valkey(tmp_path, *log) as server:
        store = await _open(server.url)
        version = await store.commit(puts=[Put("key", b"value", index=[IndexEntry("owner", 1)])])
        server.kill()

    with running_valkey(tmp_path, *log, port=server.port):
        entry = await store.get("key")

        assert entry is not None
        assert (entry.value, entry.version) == (b"value", version)
        assert list(await store.list_owned("owner")) == [entry]
        later = await store.commit(puts=[Put("key", b"")])
        assert version is not None
        assert later is not None
        assert version < later
        await store.aclose()


async def test_a_read_whose_connection_is_cut_is_asked_once_more_on_another() -> None:
    async with pretending() as server:
        answers = iter([bulk(b"first"), CLOSE, bulk(b"value")])
        server.answer = lambda command: next(answers) if command[0] == b"GET" else usual(command)
        reads = _reads(server.address)
        await reads.get(b"key")

        assert await reads.get(b"key") == b"value"

        assert server.asked(b"GET") == [[b"GET", b"key"]] * 3
        await reads.aclose()


async def test_a_read_is_asked_no_third_time() -> None:
    async with pretending() as server:
        reads = _reads(server.address)
        await reads.get(b"key")
        server.answer = lambda command: bulk(b"value")[:5] + CLOSE if command[0] == b"GET" else usual(command)

        assert "it closed the connection" in await _failure(reads.get(b"key"))

        assert len(server.asked(b"GET")) == 3
        await reads.aclose()


async def test_all_who_need_a_connection_share_the_attempt_to_make_one() -> None:
    async with pretending() as server:
        reads = _reads(server.address)

        await asyncio.gather(*(reads.get(b"%d" % number) for number in range(50)))

        assert server.connections == 1
        await reads.aclose()


async def test_all_whose_connection_was_cut_share_the_next_one() -> None:
    async with pretending() as server:
        reads = _reads(server.address)
        await reads.get(b"key")
        server.answer = lambda command: SILENCE if command[0] == b"GET" else usual(command)
        waiting = [asyncio.create_task(reads.get(b"%d" % number)) for number in range(50)]
        await server.wait_until_asked(b"GET", 51)
        server.answer = lambda command: bulk(command[1]) if command[0] == b"GET" else usual(command)

        server.cut()

        assert await asyncio.gather(*waiting) == [b"%d" % number for number in range(50)]
        assert server.connections == 2
        await reads.aclose()


async def test_a_server_that_is_away_is_not_tried_for_every_caller() -> None:
    attempts = 0

    async def refuse() -> object:
        nonlocal attempts
        attempts += 1
        raise StoreUnavailableError("redis", "nothing listens there")

    reads = Reads(refuse)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - it never returns

    told = [await _failure(reads.get(b"key")) for _ in range(50)]

    assert attempts == 1
    assert set(told) == {"the redis store is unavailable: nothing listens there"}
    await reads.aclose()


async def test_a_caller_who_goes_away_does_not_end_the_attempt_of_the_others() -> None:
    async with pretending() as server:
        server.answer = lambda command: SILENCE if command[0] == b"HELLO" else bulk(b"value")
        reads = _reads(server.address)
        first, second = (asyncio.create_task(reads.get(b"key")) for _ in range(2))
        await server.wait_until_asked(b"HELLO")

        first.cancel()
        server.send(greeting())

        assert await second == b"value"
        assert first.cancelled()
        assert server.connections == 1
        await reads.aclose()


async def test_a_server_that_accepts_and_says_nothing_fails_the_callers_in_time() -> None:
    async with pretending() as server:
        server.answer = lambda command: SILENCE
        reads = _reads(server.address, SHORT)

        told = await asyncio.gather(*(_failure(reads.get(b"key")) for _ in range(5)))

        assert all("did not answer in time" in each for each in told)
        assert server.connections == 1
        await reads.aclose()


async def test_after_a_server_hung_the_next_caller_has_a_fresh_connection_and_no_old_answer() -> None:
    async with pretending() as server:
        server.answer = lambda command: SILENCE if command[0] == b"GET" else usual(command)
        limit = SHORT
        reads = Reads(lambda: Dialer(server.address, None, LONG, limit).dial())
        told = await asyncio.gather(*(_failure(reads.get(b"old")) for _ in range(5)))
        limit = LONG
        server.send(bulk(b"old") * 5)
        server.answer = lambda command: bulk(command[1]) if command[0] == b"GET" else usual(command)

        fresh = await reads.get(b"new")

        assert fresh == b"new"
        assert server.connections == 2
        assert set(told) == {"the redis store is unavailable: it gave no answer within 0.3 s"}
        await reads.aclose()


async def test_closing_tells_those_who_wait_for_a_connection() -> None:
    async with pretending() as server:
        server.answer = lambda command: SILENCE
        reads = _reads(server.address)
        waiting = asyncio.create_task(_failure(reads.get(b"key")))
        await server.wait_until_asked(b"HELLO")

        await asyncio.gather(reads.aclose(), reads.aclose())

        assert "it is closed" in await waiting
        assert "it is closed" in await _failure(reads.get(b"key"))


async def test_closing_tells_those_who_wait_for_an_answer() -> None:
    async with pretending() as server:
        server.answer = lambda command: SILENCE if command[0] == b"GET" else usual(command)
        reads = _reads(server.address)
        waiting = asyncio.create_task(_failure(reads.get(b"key")))
        await server.wait_until_asked(b"GET")

        await reads.aclose()

        assert "it is closed" in await waiting


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("NOAUTH Authentication required.", "it wants a password"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "does not accept this user"),
        ("NOPERM User x has no permissions to access the 'key-of-somebody' key", "its access rules deny"),
        (
            "ERR ACL failure in script: User x has no permissions to run the 'zadd' command",
            "its access rules deny",
        ),
        ("ERR The user executing the script can't run this command or subcommand", "its access rules deny"),
        ("LOADING Redis is loading the dataset in memory", "still loading"),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "the primary"),
        ("MISCONF Errors writing to the AOF file: No space left on device", "cannot save to its disk"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "its memory is full"),
        ("NOREPLICAS Not enough good replicas to write.", "too few of its replicas"),
        ("BUSY Redis is busy running a script.", "a script of somebody"),
        ("MOVED 866 10.0.0.7:6379", "part of a Redis Cluster"),
        ("ERR max number of clients reached", "raise maxclients"),
        ("ERR unknown command 'GET', with args beginning with: 'key-of-somebody'", "it is too old"),
        ("ERR key-of-somebody", "it answered with an error (ERR)"),
        ("key-of-somebody", "it answered with an error;"),
    ],
)
async def test_a_refusal_is_told_in_words_that_an_operator_can_act_on(reply: str, words: str) -> None:
    async with pretending() as server:
        store = await _open_pretended(server)
        server.answer = lambda command: f"-{reply}\r\n".encode()

        told = [await _failure(use(store)) for use in USES.values()]

        assert [each for each in told if words not in each] == []
        await store.aclose()
