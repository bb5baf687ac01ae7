"""A write is sent once, and done or not done whatever becomes of its caller or of the server."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import IndexEntry, KvStorePort, Put
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address
from tests.support.pretend_redis import CLOSE, SILENCE, Answer, Command, PretendRedis, bulk, pretending, usual
from tests.support.valkey import OpenRedis, Valkey, running_valkey

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=30)
T = TypeVar("T")
SCRIPTS = (b"EVALSHA", b"EVAL")


async def _open(server: PretendRedis | Valkey, limit: timedelta = LONG) -> RedisKvStore:
    address = server.address if isinstance(server, PretendRedis) else read_redis_address(server.url)
    while True:
        try:
            return await open_redis_store(address, SystemClock(), connect_limit=LONG, answer_limit=limit)
        except StoreUnavailableError:
            assert limit is SHORT  # too short now and then, on a machine that is very busy


def _to_scripts(answer: Answer) -> Answer:
    return lambda command: answer(command) if command[0] in SCRIPTS else usual(command)


@contextmanager
def _stopped(server: Valkey) -> Generator[None]:
    """The server's system takes connections and what they bring, and the server does nothing."""
    os.kill(server.process_id, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process_id, signal.SIGCONT)


async def _once_it_serves(store: RedisKvStore, use: Callable[[KvStorePort], Awaitable[T]]) -> T:
    """Use the store as soon as a connection may be tried again."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await use(store)
            except StoreUnavailableError:
                await asyncio.sleep(0)


@pytest.mark.parametrize("end", [CLOSE, b"*2\r\n$1" + CLOSE, b"-ERR no\r\n", b"-NOSCRIPT no\r\n", b":1\r\n"])
async def test_a_commit_that_may_have_been_done_is_never_sent_again(end: bytes) -> None:
    async with pretending() as server:
        store = await _open(server)
        server.commands.clear()
        server.answer = _to_scripts(lambda _: end)

        with pytest.raises(StoreUnavailableError):
            await store.commit(puts=[Put("key", b"")])

        by_digest, in_full = len(server.asked(b"EVALSHA")), len(server.asked(b"EVAL"))
        # That a server does not know a script, it says before it does anything.
        assert (by_digest, in_full) == (1, 1 if b"NOSCRIPT" in end else 0)
        await store.aclose()


async def test_a_commit_without_an_answer_fails_in_time_and_is_sent_once() -> None:
    async with pretending() as server:
        store = await _open(server, SHORT)
        server.commands.clear()
        server.answer = _to_scripts(lambda _: SILENCE)

        with pytest.raises(StoreUnavailableError, match="did not answer in time"):
            await store.commit(puts=[Put("key", b"")])

        assert len(server.asked(*SCRIPTS)) == 1
        await store.aclose()


async def test_the_answer_to_another_question_is_an_error_and_its_connection_used_no_more() -> None:
    async with pretending() as server:
        store = await _open(server)
        server.answer = _to_scripts(lambda _: b"*2\r\n" + bulk(b"0") + b":7\r\n")
        with pytest.raises(StoreUnavailableError, match="something else than was asked"):
            await store.commit(puts=[Put("key", b"")])
        before, server.answer = server.connections, usual

        version = await store.commit(puts=[Put("key", b"")])

        assert version == 1
        assert server.connections == before + 1
        await store.aclose()


async def test_a_caller_who_goes_away_leaves_a_connection_that_is_in_step() -> None:
    async with pretending() as server:
        store = await _open(server)
        may_answer = asyncio.Event()

        async def answer_later(command: Command) -> bytes:
            await may_answer.wait()
            return usual(command)

        server.answer = answer_later
        server.commands.clear()
        abandoned = asyncio.create_task(store.take("abandoned"))
        await server.wait_until_asked(b"EVALSHA")
        abandoned.cancel()
        with pytest.raises(asyncio.CancelledError):
            await abandoned
        may_answer.set()

        version = await store.commit(puts=[Put("awaited", b"")])

        assert version == 1
        assert server.ended == 0
        await store.aclose()


async def test_a_write_whose_caller_was_cancelled_is_done_all_the_same(open_redis: OpenRedis) -> None:
    store = await open_redis(SystemClock())
    writes = [asyncio.create_task(store.commit(puts=[Put(f"{number}", b"")])) for number in range(40)]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()

    await store.aclose()

    again = await open_redis(SystemClock())
    assert all([await again.get(f"{number}") for number in range(40)])
    assert None not in await asyncio.gather(*writes[1::2])


async def test_a_write_that_fails_after_its_caller_had_gone_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with pretending() as server:
        store = await _open(server, SHORT)
        server.answer = _to_scripts(lambda _: SILENCE)
        server.commands.clear()
        write = asyncio.create_task(store.commit(puts=[Put("key-of-somebody", b"")]))
        await server.wait_until_asked(b"EVALSHA")

        with caplog.at_level(logging.WARNING):
            write.cancel()
            await store.aclose()

        assert "what a caller who had gone had asked for failed" in caplog.text
        assert "key-of-somebody" not in caplog.text


async def test_a_server_that_hangs_fails_all_uses_in_time_and_serves_again_afterwards(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as server:
        store = await _open(server, SHORT)
        with _stopped(server):
            uses = (store.commit(), store.get("key"), store.take("key"), store.check_health())
            failures = await asyncio.gather(*uses, return_exceptions=True)

        assert {type(failure) for failure in failures} == {StoreUnavailableError}
        told = {str(failure).partition(": ")[2] for failure in failures}
        assert told == {"it gave no answer within 0.3 s", "it did not answer in time"}
        assert await _once_it_serves(store, lambda store: store.get("key")) is None
        puts = [Put("key", b"value")]
        assert await _once_it_serves(store, lambda store: store.commit(puts=puts)) is not None
        await store.aclose()


async def test_connections_that_the_server_ended_while_idle_are_made_anew(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as server:
        store = await _open(server)
        await store.commit(puts=[Put("key", b"value")])
        server.tell("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

        assert await store.get("key") is not None
        assert await store.commit(puts=[Put("key", b"")]) is not None

        await store.aclose()


async def test_without_memory_a_commit_changes_nothing_and_what_frees_memory_goes_on(tmp_path: Path) -> None:
    with running_valkey(tmp_path) as server:
        clock = SettableClock()
        store = await open_redis_store(read_redis_address(server.url), clock)
        place = [IndexEntry("owner", 1)]
        await store.commit(
            puts=[Put("kept", b"", index=place), Put("taken", b""), Put("expired", b"", clock.now())]
        )
        server.tell("CONFIG", "SET", "maxmemory", 1)

        with pytest.raises(StoreUnavailableError, match="its memory is full"):
            await store.commit(puts=[Put("new", b"")], deletes=["kept"])

        assert await store.get("new") is None
        assert [entry.key for entry in await store.list_owned("owner")] == ["kept"]
        assert await store.take("taken") is not None
        assert await store.sweep() == 1
        with pytest.raises(StoreUnavailableError, match="its memory is full"):
            await store.check_health()
        await store.aclose()


async def test_a_server_that_became_a_replica_is_left_for_the_one_that_its_name_leads_to_now(
    tmp_path: Path,
) -> None:
    with running_valkey(tmp_path) as server:
        store = await _open(server)
        await store.commit(puts=[Put("key", b"value")])
        server.tell("REPLICAOF", "127.0.0.1", 1)
        assert await store.get("key") is not None  # of which nobody told the connection

        with pytest.raises(StoreUnavailableError, match="it is a replica"):
            await store.commit(puts=[Put("key", b"")])

        with pytest.raises(StoreUnavailableError, match="it is a replica"):
            await store.get("key")
        server.tell("REPLICAOF", "NO", "ONE")
        assert await _once_it_serves(store, lambda store: store.get("key")) is not None
        assert await store.commit(puts=[Put("key", b"")]) is not None
        await store.aclose()
