"""The feed tells what ended, once, to all who listen, for as long as it can see; and then it ends."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from starlette.types import Receive, Scope, Send

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.revocation_log import KEPT_FOR, revoked_put, span_of
from netscript_auth_core.testing.store_outage import InterruptibleKvStore
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Entry
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.revocations.event_stream import EventStream
from netscript_plugin_auth.revocations.listeners import MOST_WAITING
from netscript_plugin_auth.revocations.log_follower import TURNS, LogFollower
from netscript_plugin_auth.revocations.watch import ALIVE_EVERY, EVERY, MOST_LISTENERS, RevocationWatch
from tests.plugin_auth.feed_listener import FeedListener
from tests.support.pauses import Pauses, until

MINUTE = timedelta(minutes=1)


class Place:
    """A watch over a log that a test writes, with pauses that end when it says so."""

    def __init__(self) -> None:
        # In the middle of a span.
        self.clock = SettableClock()
        self.clock.advance(timedelta(seconds=2.5))
        self.store = InterruptibleKvStore(MemoryKvStore(self.clock))
        self.pauses = Pauses()
        self.counts: list[int] = []
        self.watch = self.another_watch(self.pauses)

    def another_watch(self, pauses: Pauses) -> RevocationWatch:
        log = LogFollower(self.store, self.clock)
        return RevocationWatch(log, self.clock, "memory", pause=pauses, count=self.counts.append)

    async def end(self, *handles: str, clock_is_off: timedelta = timedelta(0)) -> None:
        puts = [revoked_put(handle, self.clock.now() + clock_is_off) for handle in handles]
        await self.store.commit(puts=puts)

    def listen(self, last: int | None = None, watch: RevocationWatch | None = None) -> FeedListener:
        watch = watch or self.watch

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            listener = watch.join(last)
            await listener.begun()
            await EventStream(listener, watch.leave)(scope, receive, send)

        return FeedListener(app)

    async def joined(self, last: int | None = None) -> FeedListener:
        """Listen where somebody does already."""
        listener = self.listen(last)
        await self.round(timedelta(0))
        return await listener.ready()

    async def round(self, after: timedelta = EVERY) -> None:
        """Let the watch look once more."""
        await self.pauses.next()
        self.clock.advance(after)
        self.pauses.end()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()

    async def never() -> None:
        await Pauses()(0)

    async with place.watch.ending(never):
        yield place


async def test_what_ended_before_comes_before_ready_and_what_ends_comes_after_it(place: Place) -> None:
    await place.end("before")
    listener = await place.listen().ready()

    await place.end("after")
    await place.round()
    await until(lambda: "after" in listener.events)

    assert [each for each in listener.events if each != "alive"] == ["before", "ready", "after"]


async def test_nothing_is_told_twice_though_each_span_is_read_again_and_again(place: Place) -> None:
    listener = await place.listen().ready()
    await place.end("one")

    for _ in range(6):
        await place.round(timedelta(seconds=20))
    await until(lambda: listener.events.count("alive") == 6)

    assert listener.events.count("one") == 1


@pytest.mark.parametrize("off", [timedelta(seconds=-110), timedelta(seconds=55)], ids=["behind", "ahead"])
async def test_the_clock_of_whoever_ends_a_session_may_be_off(place: Place, off: timedelta) -> None:
    listener = await place.listen().ready()

    await place.end("one", clock_is_off=off)
    for _ in range(TURNS):
        await place.round()

    await until(lambda: "one" in listener.events)


@pytest.mark.parametrize("off", [timedelta(seconds=-4), timedelta(0), timedelta(seconds=4)], ids=str)
async def test_what_ends_by_a_clock_that_is_about_right_is_told_by_the_next_look(
    place: Place, off: timedelta
) -> None:
    listener = await place.listen().ready()

    await place.end("one", clock_is_off=off)
    await place.round()

    await until(lambda: "one" in listener.events)


async def test_a_mass_sign_out_is_read_again_for_seconds_and_then_by_turns(place: Place) -> None:
    log = LogFollower(place.store, place.clock)
    await log.read()
    await place.end(*(f"session-{number}" for number in range(3000)))
    listed = _count_entries(place)

    told = [each.handle for each in await log.read()]
    during = sum(listed)
    place.clock.advance(timedelta(seconds=10))
    await log.read()
    listed.clear()
    for _ in range(TURNS):
        place.clock.advance(EVERY)
        assert await log.read() == []

    assert len(told) == during == 3000
    assert sum(listed) == 3000, "once in all of these readings"


async def test_what_a_reading_that_failed_did_not_see_is_read_by_the_next(place: Place) -> None:
    log = LogFollower(place.store, place.clock)
    await log.read()
    await place.end("behind", clock_is_off=-2 * MINUTE)
    async with place.store.outage():
        with pytest.raises(StoreUnavailableError):
            await log.read()

    assert [each.handle for each in await log.read()] == ["behind"]


def _count_entries(place: Place) -> list[int]:
    """Count from now on how many entries each page has that is read."""
    listed, plain = list[int](), place.store.list_owned

    async def counted(owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        page = await plain(owner, limit=limit, after=after)
        listed.append(len(page))
        return page

    place.store.list_owned = counted  # type: ignore[method-assign]
    return listed


async def test_all_that_may_matter_is_told_at_the_beginning_and_nothing_older(place: Place) -> None:
    await place.end("too old")
    place.clock.advance(KEPT_FOR + MINUTE)
    await place.end("old")
    place.clock.advance(KEPT_FOR - MINUTE)

    listener = await place.listen().ready()

    assert listener.events == ["old", "ready"]


async def test_a_watch_that_slept_reads_all_that_it_missed(place: Place) -> None:
    await (await place.listen().ready()).leave()
    place.clock.advance(2 * MINUTE)
    await place.end("asleep")
    place.clock.advance(10 * MINUTE)

    await place.round()
    listener = await place.listen().ready()

    assert listener.events == ["asleep", "ready"]


async def test_the_log_is_read_while_somebody_listens_and_no_longer(place: Place) -> None:
    listener = await place.listen().ready()
    await place.round()
    await place.pauses.next()
    looked = len(place.pauses.seconds)
    await listener.leave()

    place.pauses.end()
    for _ in range(50):
        await until(lambda: True)

    assert place.pauses.seconds == [EVERY.total_seconds()] * looked
    assert place.counts == [1, 0]


async def test_nothing_that_ends_is_told_by_a_sign_of_life_that_often(place: Place) -> None:
    listener = await place.listen().ready()

    for _ in range(10):
        await place.round()
    await place.pauses.next()
    await until(lambda: listener.events.count("alive") == 5)

    assert EVERY * 2 >= ALIVE_EVERY
    assert timedelta(seconds=1) > EVERY * 2


async def test_a_clock_that_is_set_back_silences_nothing(place: Place) -> None:
    listener = await place.listen().ready()
    await place.round()
    before = listener.events.count("alive")

    await place.round(-timedelta(hours=1))
    await place.end("one")
    await place.round()

    await until(lambda: "one" in listener.events)
    assert listener.events.count("alive") > before


async def test_what_ends_is_told_well_within_a_second(place: Place) -> None:
    listener = await place.listen().ready()
    await place.pauses.next()
    await place.end("one")
    ended_at = place.clock.now()

    place.clock.advance(timedelta(seconds=place.pauses.seconds[-1]))
    place.pauses.end()
    await listener.heard("one")

    assert place.clock.now() - ended_at <= timedelta(seconds=0.5)


# Resuming


async def test_who_comes_again_is_told_what_it_cannot_have_heard_and_not_all_of_it(place: Place) -> None:
    await place.end("long ago")
    place.clock.advance(10 * MINUTE)
    await place.end("just now")
    first = await place.listen().ready()

    again = await place.joined(int(first.ids[-1]))

    assert again.events == ["just now", "ready"]


async def test_another_process_takes_the_ids_of_this_one(place: Place) -> None:
    """Its log may know an end that this one has not seen when the connection broke."""
    await place.end("old")
    place.clock.advance(10 * MINUTE)
    await place.end("ahead", clock_is_off=MINUTE)
    first = await place.listen().ready()
    await place.end("behind", clock_is_off=-2 * MINUTE)

    again = await place.listen(int(first.ids[-1]), place.another_watch(Pauses())).ready()
    await again.leave()

    assert again.events == ["behind", "ahead", "ready"]


async def test_an_id_of_a_time_to_come_leaves_nothing_out(place: Place) -> None:
    await place.end("one")

    listener = await place.listen(last=span_of(place.clock.now()) + 720).ready()

    assert listener.events == ["one", "ready"]


# Blindness


async def test_streams_end_when_the_log_cannot_be_read_and_nobody_joins_until_it_can(place: Place) -> None:
    listener = await place.listen().ready()
    alive = listener.events.count("alive")

    async with place.store.outage():
        await place.round()
        await listener.ended()
        late = place.listen()
        await place.round()
        with pytest.raises(BackendUnavailableError):
            await late.ended()
    await place.end("meanwhile")
    again = await place.joined()

    assert listener.is_over
    assert listener.events.count("alive") == alive
    assert again.events == ["meanwhile", "ready"]


async def test_a_fault_that_nobody_foresaw_ends_streams_too(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listener = await place.listen().ready()

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(place.store, "list_owned", broken)
        await place.round()
        await listener.ended()
    await place.joined()

    assert "could not be read" in caplog.text


async def test_more_than_can_be_remembered_is_blindness_and_nothing_is_left_out(place: Place) -> None:
    log = LogFollower(place.store, place.clock, most=2)
    watch = RevocationWatch(log, place.clock, "memory", pause=Pauses())
    await place.end("one", "two", "three")

    with pytest.raises(BackendUnavailableError):
        await watch.join(None).begun()


async def test_what_is_forgotten_makes_room(place: Place) -> None:
    log = LogFollower(place.store, place.clock, most=2)
    await place.end("one", "two")
    assert {each.handle for each in await log.read()} == {"one", "two"}
    place.clock.advance(KEPT_FOR + 2 * MINUTE)
    await place.end("three", "four")

    assert {each.handle for each in await log.read()} == {"three", "four"}


# Slow and many


async def test_a_slow_reader_is_dropped_and_keeps_nobody_waiting(place: Place) -> None:
    slow, quick = await place.listen().ready(), await place.joined()
    slow.reads.clear()

    for number in range(MOST_WAITING + 2):
        await place.end(f"session-{number}")
        await place.round()
        await quick.heard(f"session-{number}")
    slow.reads.set()
    await slow.ended()

    assert slow.events.count("alive") < MOST_WAITING
    assert not quick.is_over


async def test_more_than_the_most_listeners_are_told_to_come_later(place: Place) -> None:
    listeners = [place.watch.join(None) for _ in range(MOST_LISTENERS)]

    with pytest.raises(ProblemError) as refused:
        place.watch.join(None)
    place.watch.leave(listeners[0])
    place.watch.join(None)

    assert (refused.value.spec.status, refused.value.headers) == (503, {"Retry-After": "5"})


async def test_a_handle_of_any_kind_is_one_event_and_no_more(place: Place) -> None:
    handle = 'a"\n\nevent: ready\ndata: {}\n\n: \r\n\u2028é'
    await place.end(handle)

    listener = await place.listen().ready()

    assert listener.events == [handle, "ready"]


# Stopping


async def test_a_stop_ends_every_stream_and_lets_nobody_join() -> None:
    place, begun = Place(), Pauses()

    async def draining() -> None:
        await begun(0)

    async with place.watch.ending(draining):
        listener = await place.listen().ready()
        await begun.next()

        begun.end()

        await listener.ended()
        with pytest.raises(ProblemError) as refused:
            place.watch.join(None)
    assert listener.is_over
    assert refused.value.headers == {"Retry-After": "1"}
