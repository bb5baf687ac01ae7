"""What ended stands in the log of its span for as long as a token may live."""

from datetime import timedelta

from netscript_auth_core.revocation_log import KEPT_FOR, SPAN, is_logged, revoked_in, revoked_put, span_of
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore


async def test_a_span_lists_what_ended_in_it_earliest_first() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    begun = clock.now()
    await store.commit(puts=[revoked_put("second", begun + timedelta(milliseconds=2))])
    await store.commit(puts=[revoked_put("first", begun)])
    await store.commit(puts=[revoked_put("later", begun + SPAN)])

    listed = [handle async for handle in revoked_in(store, span_of(begun))]

    assert listed == ["first", "second"]


async def test_more_than_a_page_is_listed_whole() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    handles = [f"handle-{number:04}" for number in range(1500)]
    await store.commit(puts=[revoked_put(handle, clock.now()) for handle in handles])

    listed = [handle async for handle in revoked_in(store, span_of(clock.now()))]

    assert listed == handles


async def test_an_entry_outlives_every_token() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    span = span_of(clock.now())
    await store.commit(puts=[revoked_put("ended", clock.now())])

    clock.advance(KEPT_FOR - timedelta(seconds=1))
    before = [handle async for handle in revoked_in(store, span)]
    clock.advance(timedelta(seconds=1))
    after = [handle async for handle in revoked_in(store, span)]

    assert (before, after) == (["ended"], [])
    assert timedelta(minutes=15) < KEPT_FOR


async def test_the_same_session_may_be_logged_again() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    await store.commit(puts=[revoked_put("ended", clock.now())])

    await store.commit(puts=[revoked_put("ended", clock.now() + timedelta(seconds=1))])

    assert [handle async for handle in revoked_in(store, span_of(clock.now()))] == ["ended"]


async def test_a_session_is_found_by_its_handle_as_long_as_the_log_knows_it() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    await store.commit(puts=[revoked_put("ended", clock.now())])

    before = [await is_logged(store, each) for each in ("ended", "another")]
    clock.advance(KEPT_FOR)

    assert before == [True, False]
    assert not await is_logged(store, "ended")
