"""The feed of revocations: what is heard counts at once, and silence lets nobody in."""

import itertools
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_client import Caller, Nobody
from netscript_auth_client.auth_api import AuthApi
from netscript_auth_client.local.event_stream import Event, EventStreamError, EventStreamReader
from netscript_auth_client.local.revocation_feed import RevocationFeed
from netscript_auth_client.local.revoked_sessions import (
    REMEMBERED,
    RevokedSessions,
    TooManyRevokedError,
)
from netscript_auth_client.local.token_cache import TokenCache
from netscript_auth_client.local.token_claims import VerifiedToken
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import SettableClock
from tests.auth_client.local_world import SECRET, local_world
from tests.auth_client.pretend_auth_api import (
    ALIVE,
    PUBLIC_URL,
    READY,
    URL,
    Channel,
    PretendAuthApi,
    PretendFeed,
    revoked,
)
from tests.auth_client.pretend_authority import alice
from tests.support.pauses import Pauses, until


class Listening:
    """A feed that is listened to, with pauses that end when the test says so."""

    def __init__(self) -> None:
        self.clock, self.pauses, api = SettableClock(), Pauses(), PretendAuthApi()
        self.server = PretendFeed(api)
        self.feed = RevocationFeed(AuthApi(URL, PUBLIC_URL, api.http), SECRET, self.clock, pause=self.pauses)
        self.feed.start()

    async def __aenter__(self) -> "Listening":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.aclose()

    async def says(self, channel: Channel, *pieces: bytes) -> None:
        channel.send(*pieces)
        await until(lambda: channel.is_read)

    async def ready(self, count: int = 1) -> Channel:
        """Return a connection that has said all that is known."""
        channel = await self.server.connected(count)
        await self.says(channel, READY)
        return channel

    async def again(self, channel: Channel, error: Exception | None = None) -> None:
        """Let a connection break off, and the next one be opened."""
        channel.end(error)
        await self.pause_ends()

    async def pause_ends(self) -> None:
        count = len(self.pauses.seconds)
        await until(lambda: len(self.pauses.seconds) > count)
        self.pauses.end()

    def knows(self) -> bool:
        try:
            self.feed.has_revoked("x", self.clock.unix())
        except BackendUnavailableError:
            return False
        return True


async def test_it_asks_with_the_secret_of_the_service() -> None:
    async with Listening() as world:
        await world.ready()

        (request,) = world.server.requests
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        assert request.headers["accept"] == "text/event-stream"
        assert "last-event-id" not in request.headers


async def test_nothing_is_known_before_the_list_is_complete() -> None:
    async with Listening() as world:
        channel = await world.server.connected()

        await world.says(channel, revoked("ses_one"), ALIVE)
        before = world.knows()
        await world.says(channel, READY)

        assert not before
        assert world.feed.has_revoked("ses_one", world.clock.unix())
        assert not world.feed.has_revoked("ses_two", world.clock.unix())


async def test_silence_of_more_than_three_seconds_is_blindness() -> None:
    async with Listening() as world:
        channel = await world.ready()

        world.clock.advance(timedelta(seconds=3))
        at_the_limit = world.knows()
        world.clock.advance(timedelta(milliseconds=1))
        past_it = world.knows()
        await world.says(channel, ALIVE)

        assert (at_the_limit, past_it, world.knows()) == (True, False, True)


async def test_a_clock_that_was_set_back_makes_nothing_young() -> None:
    async with Listening() as world:
        await world.ready()

        world.clock.advance(timedelta(hours=-1))

        assert not world.knows()


async def test_comments_are_no_sign_of_life() -> None:
    async with Listening() as world:
        channel = await world.ready()
        world.clock.advance(timedelta(seconds=4))

        await world.says(channel, b": ping\n\n", b"\n\n", b"event: alive\n\n")

        assert not world.knows()


async def test_a_connection_that_breaks_off_is_opened_again_from_where_it_was() -> None:
    async with Listening() as world:
        first = await world.ready()
        await world.says(first, revoked("ses_one", "41-0"))

        await world.again(first, httpx.ReadError("gone"))
        second = await world.server.connected(2)
        world.clock.advance(timedelta(seconds=4))
        await world.says(second, revoked("ses_two", "42-0"), ALIVE)
        still_blind = not world.knows()
        await world.says(second, READY)

        assert world.server.requests[1].headers["last-event-id"] == "41-0"
        assert still_blind
        assert world.feed.has_revoked("ses_one", world.clock.unix())
        assert world.feed.has_revoked("ses_two", world.clock.unix())


async def test_a_break_that_is_short_is_not_noticed() -> None:
    async with Listening() as world:
        first = await world.ready()

        await world.again(first)
        second = await world.server.connected(2)
        world.clock.advance(timedelta(seconds=2))
        in_between = world.knows()
        await world.says(second, READY)
        world.clock.advance(timedelta(seconds=2))

        assert (in_between, world.knows()) == (True, True)


async def test_after_a_connection_that_failed_all_is_told_anew() -> None:
    async with Listening() as world:
        first = await world.ready()
        await world.says(first, revoked("ses_one", "41-0"))
        world.server.refusals += [httpx.ConnectError("gone")]

        await world.again(first)
        await until(lambda: len(world.server.requests) == 2)
        await until(lambda: len(world.pauses.seconds) == 2)
        world.pauses.end()
        await world.server.connected(2)

        assert "last-event-id" not in world.server.requests[2].headers
        assert world.feed.has_revoked("ses_one", world.clock.unix())


REFUSALS: dict[str, httpx.Response | Exception] = {
    "401": httpx.Response(401),
    "501": httpx.Response(501),
    "404": httpx.Response(404),
    "302": httpx.Response(302, headers={"location": "https://evil.example"}),
    "HTML": httpx.Response(200, html="x"),
    "an encoded stream": httpx.Response(
        200, headers={"content-type": "text/event-stream", "content-encoding": "br"}
    ),
    "no connection": httpx.ConnectError("x"),
    "nothing for long": httpx.ReadTimeout("x"),
    "what nobody foresees": RuntimeError("x"),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
async def test_whatever_it_is_answered_it_knows_nothing_and_asks_again(
    refusal: httpx.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with Listening() as world:
        world.server.refusals.append(refusal)
        await until(lambda: bool(world.pauses.seconds))
        before = world.knows()
        world.pauses.end()
        await world.ready()

        assert (before, world.knows()) == (False, True)
    assert "the feed of revocations" in caplog.text
    assert SECRET not in caplog.text


async def test_it_waits_longer_each_time_within_limits_and_not_after_it_was_heard() -> None:
    async with Listening() as world:
        world.server.refusals += [httpx.Response(503)] * 9
        for _ in range(9):
            await world.pauses.next()
            world.pauses.end()
        channel = await world.ready()
        channel.end()
        await world.pauses.next()

        longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5, 0.1]
        waited = world.pauses.seconds
        assert all(most / 2 <= each <= most for each, most in zip(waited, longest, strict=True))


UNCLEAR = {
    "no session": b"event: revoked\nid: 1\ndata: {}\n\n",
    "no JSON": b"event: revoked\nid: 1\ndata: ses_two\n\n",
    "an empty handle": b'event: revoked\nid: 1\ndata: {"sid": ""}\n\n',
    "a number": b'event: revoked\nid: 1\ndata: {"sid": 1}\n\n',
    "a long handle": b'event: revoked\nid: 1\ndata: {"sid": "' + b"x" * 129 + b'"}\n\n',
    "no text": b"event: \xff\n\n",
    "a line without end": b"x" * 9000,
    "an event without end": b"data: " + b"\ndata: ".join([b"x" * 8000] * 3),
}


@pytest.mark.parametrize("piece", UNCLEAR.values(), ids=UNCLEAR.keys())
async def test_a_revocation_that_cannot_be_read_is_blindness_at_once(piece: bytes) -> None:
    async with Listening() as world:
        channel = await world.ready()

        channel.send(revoked("ses_one"), piece, b"\n")
        await until(lambda: bool(world.pauses.seconds))
        at_once = world.knows()
        world.pauses.end()
        await world.ready(2)

        assert (at_once, world.knows()) == (False, True)
        assert "last-event-id" not in world.server.requests[1].headers
        assert world.feed.has_revoked("ses_one", world.clock.unix())


async def test_an_id_that_no_header_can_carry_is_not_sent() -> None:
    async with Listening() as world:
        channel = await world.ready()
        await world.says(channel, revoked("ses_one", "ä"))

        await world.again(channel)
        await world.server.connected(2)

        assert "last-event-id" not in world.server.requests[1].headers


async def test_when_it_is_closed_nothing_is_known_and_nothing_goes_on() -> None:
    async with Listening() as world:
        channel = await world.ready()

        await world.feed.aclose()
        await world.feed.aclose()

        assert not world.knows()
        assert channel.is_closed


async def test_a_token_whose_session_is_revoked_is_refused_by_the_next_request() -> None:
    async with local_world() as world:
        token, other = world.signer.sign(), world.signer.sign(sid="ses_two")
        before = [await world.ask(token), await world.ask(other)]

        await world.hear(world.feed.channels[0], revoked("ses_one"))
        after = [await world.ask(token), await world.ask(world.signer.sign()), await world.ask(other)]

    assert [type(each) for each in before] == [Caller, Caller]
    assert after[:2] == [Nobody("session_revoked")] * 2
    assert isinstance(after[2], Caller)


async def test_before_the_list_is_complete_no_token_lets_anybody_in() -> None:
    async with local_world(is_ready=False) as world:
        with pytest.raises(BackendUnavailableError, match="not heard yet"):
            await world.ask(world.signer.sign())
        nobody = await world.ask("made-up")

    assert nobody == Nobody("token_invalid")


async def test_in_silence_no_token_lets_anybody_in_known_or_not() -> None:
    async with local_world() as world:
        known = world.signer.sign()
        await world.ask(known)
        world.clock.advance(timedelta(seconds=3.1))

        for token in (known, world.signer.sign()):
            with pytest.raises(BackendUnavailableError, match="silent") as failure:
                await world.ask(token)

    assert failure.value.retry_after == timedelta(seconds=1)


def test_a_session_is_remembered_for_as_long_as_a_token_of_it_could_live() -> None:
    sessions = RevokedSessions()

    sessions.add("ses_one", 0)
    sessions.add("ses_two", 10)
    sessions.add("ses_one", 20)
    sessions.add("ses_three", REMEMBERED + 10)

    assert REMEMBERED > 900
    assert ["ses_one" in sessions, "ses_two" in sessions, len(sessions)] == [True, False, 2]


def test_no_session_is_forgotten_for_want_of_room() -> None:
    sessions = RevokedSessions(most=2)
    sessions.add("ses_one", 0)
    sessions.add("ses_two", 0)

    sessions.add("ses_two", 1)
    with pytest.raises(TooManyRevokedError):
        sessions.add("ses_three", 1)

    assert "ses_one" in sessions


def test_of_known_tokens_the_oldest_goes_where_there_are_too_many() -> None:
    cache, names = TokenCache(most=2), (b"one", b"two", b"three")

    for name in names:
        cache.put(cache.key_of(name), VerifiedToken(alice(), "ses_one", ends_at=10))

    assert [cache.get(cache.key_of(name), 9) is None for name in names] == [True, False, False]
    assert cache.get(cache.key_of(b"two"), 10) is None
    assert len(cache) == 1


STREAM = (
    b": hello\n" + revoked("ses_one", "7") + b"data: a\r\ndata: b\r\n\r\nevent: alive\ndata\n\nretry: 5\n\n"
)


def read(pieces: Iterator[bytes]) -> list[Event]:
    reader = EventStreamReader()
    return [event for piece in pieces for event in reader.feed(piece)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]

    events = read(STREAM[a:b] for a, b in itertools.pairwise(places))

    assert events == [
        Event("revoked", '{"sid": "ses_one"}', "7"),
        Event("message", "a\nb", "7"),
        Event("alive", "", "7"),
    ]


@given(st.lists(st.binary(max_size=50)))
def test_no_bytes_break_the_reader(pieces: list[bytes]) -> None:
    try:
        events = read(iter(pieces))
    except EventStreamError:
        return
    assert all(isinstance(event.name, str) for event in events)
