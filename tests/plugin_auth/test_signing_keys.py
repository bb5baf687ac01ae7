"""Keys that sign tokens: shared by workers, sealed, changed by time and by an operator."""

import asyncio
import logging
from datetime import timedelta

import pytest

from netscript_auth_core.ports import KeyState
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_plugin_auth.tokens.key_shelf import KeyShelf
from netscript_plugin_auth.tokens.signing_keys import SigningKeys

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
PERIOD = timedelta(days=30)
UNTIL_ALL_ENDED = timedelta(minutes=20)


class Workers:
    """Processes on one store."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.store = MemoryKvStore(self.clock)

    def shelf(self, *keys: bytes) -> KeyShelf:
        return KeyShelf(self.store, KeyRing(keys or (OLD,)), self.clock, "memory")

    def keys(self, *keys: bytes, ahead: timedelta = timedelta(0)) -> SigningKeys:
        clock = SettableClock(self.clock.now() + ahead)
        return SigningKeys(self.shelf(*keys), clock if ahead else self.clock, PERIOD, "memory")


@pytest.fixture
def workers() -> Workers:
    return Workers()


async def ids(keys: SigningKeys) -> list[str]:
    return [key.key_id for key in await keys.published()]


async def test_workers_that_begin_at_once_sign_by_one_key(workers: Workers) -> None:
    several = [workers.keys() for _ in range(8)]

    signing = await asyncio.gather(*(keys.current() for keys in several))

    assert len({key.key_id for key in signing}) == 1
    assert [len(await ids(keys)) for keys in several] == [2] * 8


async def test_workers_whose_clocks_differ_publish_each_others_keys_at_a_change(workers: Workers) -> None:
    await workers.keys().run()
    workers.clock.advance(PERIOD - timedelta(seconds=2))
    slow, fast = workers.keys(), workers.keys(ahead=timedelta(seconds=4))

    signing = [(await keys.current()).key_id for keys in (fast, slow)]

    assert signing[0] != signing[1]
    assert set(signing) <= set(await ids(slow))
    assert set(signing) <= set(await ids(fast))


async def test_an_earlier_key_is_published_until_all_that_it_signed_has_ended(workers: Workers) -> None:
    keys = workers.keys()
    first = (await keys.current()).key_id
    workers.clock.advance(PERIOD + UNTIL_ALL_ENDED - timedelta(seconds=1))

    before = await ids(keys)
    workers.clock.advance(timedelta(seconds=1))
    after = await ids(keys)

    assert before[0] == first
    assert after == before[1:]


async def test_a_service_that_stood_still_for_long_signs_by_a_new_key(workers: Workers) -> None:
    earlier = await ids(workers.keys())
    workers.clock.advance(10 * PERIOD)

    later = await ids(workers.keys())

    assert len(later) == 2
    assert not set(later) & set(earlier)


async def test_a_rotation_by_hand_takes_the_published_next_key_in_every_worker(workers: Workers) -> None:
    running = workers.keys()
    before = await ids(running)
    workers.clock.advance(timedelta(days=1))

    await workers.keys().rotate()

    assert (await running.current()).key_id == before[1]
    assert (await ids(running))[:2] == before
    workers.clock.advance(UNTIL_ALL_ENDED)
    assert before[0] not in await ids(running)


async def test_after_a_leak_no_earlier_key_is_published_in_any_worker(workers: Workers) -> None:
    running = workers.keys()
    before = await ids(running)

    await workers.keys().rotate(forgets_earlier=True)

    after = await ids(running)
    assert len(after) == 2
    assert not set(after) & set(before)


async def test_a_key_that_cannot_be_opened_any_more_gives_way_to_a_new_one_and_is_told(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    before = await ids(workers.keys(OLD))
    caplog.set_level(logging.WARNING)

    keys = workers.keys(NEW)
    signing = (await keys.current()).key_id

    assert signing not in before
    assert set(before) < set(await ids(keys))
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert all("NETSCRIPT_AUTH_KEYS" in line for line in told)


async def test_workers_with_different_keys_do_not_take_turns_in_making_new_ones(workers: Workers) -> None:
    one, other = workers.keys(OLD), workers.keys(NEW)
    first = [(await keys.current()).key_id for keys in (one, other)]

    again = [(await keys.current()).key_id for keys in (one, other, one, other)]

    assert again == first * 2
    assert len(await ids(one)) == 4


async def test_signing_keys_are_counted_and_sealed_anew_like_all_that_is_sealed(workers: Workers) -> None:
    before = await ids(workers.keys(OLD))
    shelf = workers.shelf(NEW, OLD)

    counted = [(each.state, each.count) for each in await shelf.count()]
    sealed = (await shelf.seal_anew()).sealed

    assert counted == [(KeyState.CURRENT, 0), (KeyState.CONFIGURED, 2)]
    assert sealed == 2
    assert (await shelf.seal_anew()).is_done
    keys = workers.keys(NEW)
    assert await ids(keys) == before
    assert (await keys.current()).key_id == before[0]


async def test_what_is_stored_shows_no_private_key(workers: Workers) -> None:
    await workers.keys().run()

    entries = await workers.store.list_owned("auth/token-keys")

    assert len(entries) == 2
    assert not any(b"PRIVATE" in entry.value or b'"d"' in entry.value for entry in entries)
    assert "PRIVATE" not in repr(await workers.keys().current())
