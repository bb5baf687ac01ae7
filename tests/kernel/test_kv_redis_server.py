"""What RedisKvStore keeps on a server, and what becomes of it under the hands of others."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.port import Check, Entry, IndexEntry, Put
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address
from tests.support.valkey import OpenRedis, Valkey

MINUTE = timedelta(minutes=1)
OWNED = [IndexEntry("owner", 1)]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def store(clock: SettableClock, open_redis: OpenRedis) -> RedisKvStore:
    return await open_redis(clock)


def _names(server: Valkey) -> set[str]:
    return {name.decode() for name in server.tell("KEYS", "*")}


def _calls(server: Valkey, command: str) -> int:
    facts: dict[str, Any] = server.tell("INFO", "commandstats").get(f"cmdstat_{command}", {})
    return int(facts.get("calls", 0))


async def test_what_goes_leaves_nothing_behind(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey
) -> None:
    index = [IndexEntry("owner", 1), IndexEntry("other", 2)]
    names = ["deleted", "taken", "expired", "written again"]
    await store.commit(puts=[Put(name, b"", clock.now() + MINUTE, index) for name in names])

    await store.commit(puts=[Put("written again", b"")], deletes=["deleted"])
    await store.take("taken")
    clock.advance(MINUTE)
    await store.sweep()

    assert _names(redis_server) == {
        "{netscript}:version",
        "{netscript}:probe:version",
        "{netscript}:r:written again",
    }


async def test_no_record_ends_by_the_clock_of_the_server(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey
) -> None:
    clock.set(datetime(2001, 1, 1, tzinfo=UTC))

    await store.commit(puts=[Put("key", b"", clock.now() + MINUTE, OWNED)])

    assert await store.get("key") is not None
    assert {redis_server.tell("TTL", name) for name in _names(redis_server)} == {-1}


async def test_a_read_is_one_command(store: RedisKvStore, redis_server: Valkey) -> None:
    await store.commit(puts=[Put("key", b"value", index=OWNED)])
    redis_server.tell("CONFIG", "RESETSTAT")

    for _ in range(5):
        assert await store.get("key") is not None

    assert _calls(redis_server, "get") == 5
    assert _calls(redis_server, "evalsha") == 0


async def test_a_large_sweep_is_done_in_pieces(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey
) -> None:
    await store.commit(puts=[Put(f"{number}", b"", clock.now()) for number in range(450)])
    redis_server.tell("CONFIG", "RESETSTAT")

    swept = await store.sweep()

    assert swept == 450
    assert _calls(redis_server, "evalsha") == 3


async def test_services_with_prefixes_of_their_own_do_not_meet(redis_url: str) -> None:
    addresses = [f"{redis_url}?prefix={prefix}" for prefix in ("a", "b", "a:b")]
    stores = [await open_redis_store(read_redis_address(url), SettableClock()) for url in addresses]

    for number, store in enumerate(stores):
        await store.commit(checks=[Check("key", None)], puts=[Put("key", b"%d" % number, index=OWNED)])

    listed = [await store.list_owned("owner") for store in stores]
    assert [[entry.value for entry in entries] for entries in listed] == [[b"0"], [b"1"], [b"2"]]
    for store in stores:
        await store.aclose()


async def test_the_database_of_the_url_is_the_one_that_is_used(redis_url: str, redis_server: Valkey) -> None:
    address = read_redis_address(f"redis://127.0.0.1:{redis_server.port}/7")

    store = await open_redis_store(address, SettableClock())

    await store.commit(puts=[Put("key", b"")])
    assert await store.get("key") is not None
    assert _names(redis_server) == set()
    await store.aclose()


async def test_no_version_comes_back_on_a_server_that_lost_everything(
    store: RedisKvStore, redis_server: Valkey
) -> None:
    before = await store.commit(puts=[Put("key", b"")])
    redis_server.tell("FLUSHALL")

    after = await store.commit(puts=[Put("key", b"")])

    assert before is not None
    assert after is not None
    assert before < after


async def test_no_version_comes_back_on_a_server_that_lost_its_last_commits(
    store: RedisKvStore, redis_server: Valkey
) -> None:
    await store.commit(puts=[Put("key", b"")])
    earlier = redis_server.tell("GET", "{netscript}:version")
    lost = [await store.commit(puts=[Put("key", b"")]) for _ in range(3)]
    redis_server.tell("SET", "{netscript}:version", earlier)

    version = await store.commit(puts=[Put("key", b"")])

    assert version is not None
    assert version not in lost
    assert await store.commit(checks=[Check("key", lost[-1])]) is None


async def test_versions_grow_where_the_clock_of_the_server_went_back(
    store: RedisKvStore, redis_server: Valkey
) -> None:
    ahead = 2**52
    redis_server.tell("SET", "{netscript}:version", ahead)

    versions = [await store.commit(puts=[Put("key", b"")]) for _ in range(3)]

    assert versions == [ahead + 1, ahead + 2, ahead + 3]
    entry = await store.get("key")
    assert entry is not None
    assert entry.version == ahead + 3


async def test_a_server_that_forgot_its_scripts_gets_them_again(
    store: RedisKvStore, redis_server: Valkey
) -> None:
    redis_server.tell("SCRIPT", "FLUSH")

    version = await store.commit(puts=[Put("key", b"", index=OWNED)])

    assert version is not None
    assert len(await store.list_owned("owner")) == 1
    assert await store.take("key") is not None


async def test_a_record_that_an_operator_deleted_is_not_there_for_any_method(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey
) -> None:
    version = await store.commit(puts=[Put("key", b"", clock.now() + MINUTE, OWNED), Put("other", b"")])

    redis_server.tell("DEL", "{netscript}:r:key")

    assert await store.get("key") is None
    assert list(await store.list_owned("owner")) == []
    assert await store.commit(checks=[Check("key", version)]) is None
    assert await store.take("key") is None
    clock.advance(MINUTE)
    assert await store.sweep() == 0
    assert "{netscript}:expiries" not in _names(redis_server)


async def test_what_a_deleted_record_left_behind_does_no_harm_to_its_successor(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey
) -> None:
    await store.commit(puts=[Put("key", b"old", clock.now() + MINUTE, OWNED)])
    redis_server.tell("DEL", "{netscript}:r:key")

    await store.commit(puts=[Put("key", b"new", index=[IndexEntry("other", 1)])])

    clock.advance(MINUTE)
    assert await store.sweep() == 0
    assert list(await store.list_owned("owner")) == []
    assert [entry.value for entry in await store.list_owned("other")] == [b"new"]


async def test_a_record_under_the_name_of_another_is_an_error_and_never_given_out(
    store: RedisKvStore, redis_server: Valkey
) -> None:
    await store.commit(puts=[Put("mine", b"secret of mine")])
    redis_server.tell("COPY", "{netscript}:r:mine", "{netscript}:r:yours")

    with pytest.raises(StoreUnavailableError, match="answered something else than was asked") as caught:
        await store.get("yours")

    assert "mine" not in str(caught.value)
    for use in (store.take("yours"), store.commit(puts=[Put("yours", b"")]), store.commit(deletes=["yours"])):
        with pytest.raises(StoreCorruptError, match="in the place of another"):
            await use
    mine = await store.get("mine")
    assert mine is not None
    assert mine.value == b"secret of mine"


async def test_many_readers_get_what_they_asked_for_while_others_go_away(store: RedisKvStore) -> None:
    keys = [f"{number}" for number in range(300)]
    await store.commit(puts=[Put(key, key.encode()) for key in keys])
    reads = [asyncio.create_task(store.get(key)) for key in keys * 3]
    await asyncio.sleep(0)

    for number, read in enumerate(reads):
        if number % 3 == 1:
            read.cancel()
        if number % 100 == 0:
            await asyncio.sleep(0)

    entries = await asyncio.gather(*reads, return_exceptions=True)
    assert all(
        isinstance(entry, asyncio.CancelledError)
        or (isinstance(entry, Entry) and entry.value == key.encode() == entry.key.encode())
        for key, entry in zip(keys * 3, entries, strict=True)
    )
    assert sum(isinstance(entry, Entry) for entry in entries) >= 600


USES: dict[str, Callable[[RedisKvStore], Awaitable[object]]] = {
    "get": lambda store: store.get("key"),
    "check": lambda store: store.commit(checks=[Check("key", 1)]),
    "put": lambda store: store.commit(puts=[Put("key", b"")]),
    "delete": lambda store: store.commit(deletes=["key"]),
    "take": lambda store: store.take("key"),
    "list_owned": lambda store: store.list_owned("owner"),
    "sweep": lambda store: store.sweep(),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("form", [b"\x02", b"\x00"], ids=["newer", "unknown"])
async def test_a_record_of_a_newer_version_is_left_alone_and_never_misread(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey, use: str, form: bytes
) -> None:
    await store.commit(puts=[Put("key", b"value", clock.now(), OWNED)])
    redis_server.tell("SETRANGE", "{netscript}:r:key", 0, form)
    before = redis_server.tell("GET", "{netscript}:r:key")

    with pytest.raises(StoreCorruptError, match="its format is not 1"):
        await USES[use](store)

    assert redis_server.tell("GET", "{netscript}:r:key") == before


@pytest.mark.parametrize("length", [0, 10, 27])
async def test_a_record_that_was_cut_short_is_an_error(
    store: RedisKvStore, redis_server: Valkey, length: int
) -> None:
    await store.commit(puts=[Put("key", b"value")])
    whole = redis_server.tell("GET", "{netscript}:r:key")
    redis_server.tell("SET", "{netscript}:r:key", whole[:length])

    with pytest.raises((StoreCorruptError, StoreUnavailableError)):
        await store.get("key")
    with pytest.raises((StoreCorruptError, StoreUnavailableError)):
        await store.take("key")


@pytest.mark.parametrize("name", ["r:key", "r:deleted", "o:owner", "expiries", "version"])
async def test_a_commit_that_meets_what_another_program_wrote_changes_nothing(
    store: RedisKvStore, clock: SettableClock, redis_server: Valkey, name: str
) -> None:
    await store.commit(puts=[Put("kept", b"old"), Put("deleted", b"")])
    redis_server.tell("DEL", f"{{netscript}}:{name}")
    redis_server.tell("RPUSH", f"{{netscript}}:{name}", "not ours")
    before = {each: redis_server.tell("DUMP", each) for each in _names(redis_server)}

    with pytest.raises(StoreUnavailableError, match="another program"):
        await store.commit(
            puts=[Put("kept", b"new"), Put("key", b"", clock.now() + MINUTE, OWNED)], deletes=["deleted"]
        )

    assert {each: redis_server.tell("DUMP", each) for each in _names(redis_server)} == before


async def test_asking_for_health_leaves_no_record(store: RedisKvStore, redis_server: Valkey) -> None:
    await store.check_health()

    assert _names(redis_server) == {"{netscript}:probe:version"}
