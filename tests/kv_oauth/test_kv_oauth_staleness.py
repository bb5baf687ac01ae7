"""Answers that are given again for a while: how long, for what, and what ends them at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from math import inf

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Identity, Outcome
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_auth_kv_oauth import KvOAuthBackend, create_kv_oauth_backend
from netscript_auth_kv_oauth.sessions.recent_answers import RecentAnswers
from netscript_auth_kv_oauth.sessions.session_records import ACTIVE, ANSWERS, NEVER, VERSION, Head, read_head
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Entry
from tests.kv_oauth.desks import Desk, open_desk, the_provider

STALENESS = timedelta(seconds=10)
MOMENT = timedelta(milliseconds=1)
KEYS = KeyRing([bytes(range(32))])
ALICE = ExternalIdentity(issuer="https://idp.localhost", subject="alice", provider_id="oidc")
REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)


@pytest.fixture
async def desk(store_url: str) -> AsyncGenerator[Desk]:
    """A desk whose backend gives answers again."""
    async with open_desk(store_url, session_staleness=STALENESS) as desk:
        yield desk


@pytest.fixture
async def memory() -> AsyncGenerator[Desk]:
    """The same in memory, for what has nothing to do with the store."""
    async with open_desk(session_staleness=STALENESS) as desk:
        yield desk


HEAD = Head(VERSION, ACTIVE, ANSWERS, 60, inf, inf, inf, NEVER, 0.0, 0, 0, 0)


class Reads:
    """Counts the looks at sessions, and can hold one of them back.

    Attributes:
        count: How many there were.
        held: Set where the next one has read, and answers only when ``go_on`` is.
    """

    def __init__(self, store: InterruptibleKvStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.held: asyncio.Event | None = None
        self.go_on = asyncio.Event()
        get = store.get

        async def counted(key: str) -> Entry | None:
            self.count += key.startswith(session_key(""))
            entry = await get(key)
            if self.held is not None:
                self.held.set()
                self.held = None
                await self.go_on.wait()
            return entry

        monkeypatch.setattr(store, "get", counted)


async def _two(desk: Desk) -> tuple[str, KvOAuthBackend]:
    """Sign somebody in, ask at the desk, and open another process's backend."""
    token = await desk.create("alice")
    assert isinstance(await desk.who(token), Authenticated)
    return token, desk.open()


async def test_a_sign_out_elsewhere_is_seen_when_the_time_is_up_and_not_later(desk: Desk) -> None:
    token, other = await _two(desk)

    await other.sessions.revoke(handle_of(token))
    at_once = await desk.who(token)
    desk.clock.advance(STALENESS - MOMENT)
    before = await desk.who(token)
    desk.clock.advance(MOMENT)
    after = await desk.who(token)

    assert isinstance(at_once, Authenticated)
    assert isinstance(before, Authenticated)
    assert after == REVOKED


async def _revoked(desk: Desk, token: str) -> None:
    await desk.backend.sessions.revoke(handle_of(token))


async def _revoked_everywhere(desk: Desk, token: str) -> None:
    outcome = await desk.who(token)
    assert isinstance(outcome, Authenticated)
    await desk.backend.sessions.revoke_all_for_user(outcome.identity.user.id)


async def _signed_out(desk: Desk, token: str) -> None:
    await desk.sign_out(handle_of(token))


async def _signed_in_anew(desk: Desk, token: str) -> None:
    await desk.sign_in(tokens=(token,))


ENDINGS = (_revoked, _revoked_everywhere, _signed_out, _signed_in_anew)


@pytest.mark.parametrize("end", ENDINGS)
async def test_what_this_process_ends_is_over_at_once(
    memory: Desk, end: Callable[[Desk, str], Awaitable[None]]
) -> None:
    token, _ = await _two(memory)

    await end(memory, token)

    assert await memory.who(token) == REVOKED


async def test_a_look_that_overlaps_an_end_is_not_kept(memory: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await memory.create("alice")
    reads = Reads(memory.store, monkeypatch)
    reads.held = has_read = asyncio.Event()
    asking = asyncio.create_task(memory.who(token))
    await has_read.wait()

    await memory.backend.sessions.revoke(handle_of(token))
    reads.go_on.set()
    overlapping = await asking

    assert isinstance(overlapping, Authenticated)
    assert await memory.who(token) == REVOKED


async def test_an_end_that_could_not_be_written_costs_a_look_and_nothing_else(memory: Desk) -> None:
    token, _ = await _two(memory)

    async with memory.store.outage():
        with pytest.raises(BackendUnavailableError):
            await memory.backend.sessions.revoke(handle_of(token))

    assert isinstance(await memory.who(token), Authenticated)


async def test_a_recent_answer_costs_no_look_and_is_the_same(
    memory: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await memory.create("alice")
    reads = Reads(memory.store, monkeypatch)

    answers = [await memory.who(token) for _ in range(5)]

    assert reads.count == 1
    assert all(answer is answers[0] for answer in answers)


async def test_neither_nobody_nor_an_outage_is_kept(memory: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await memory.create("alice")
    unknown = "u" * 43
    reads = Reads(memory.store, monkeypatch)

    async with memory.store.outage():
        with pytest.raises(BackendUnavailableError):
            await memory.who(token)
    first = [await memory.who(unknown), await memory.who(unknown)]

    assert first == [Anonymous(AnonymousReason.SESSION_UNKNOWN)] * 2
    assert reads.count == 3
    assert isinstance(await memory.who(token), Authenticated)


async def test_a_store_that_goes_away_is_noticed_when_the_time_is_up(memory: Desk) -> None:
    token, _ = await _two(memory)

    async with memory.store.outage():
        recent = await memory.who(token)
        memory.clock.advance(STALENESS)
        with pytest.raises(BackendUnavailableError):
            await memory.who(token)

    assert isinstance(recent, Authenticated)


async def test_a_session_in_steady_use_never_reaches_its_idle_limit() -> None:
    async with open_desk(session_staleness=timedelta(seconds=30)) as desk:
        desk.session_idle_ttl = timedelta(minutes=1)
        desk.backend = desk.open()
        token = await desk.create("alice")

        outcomes: list[Outcome] = []
        for _ in range(60):
            desk.clock.advance(timedelta(seconds=25))
            outcomes.append(await desk.who(token))
            await desk.settle()

        assert all(isinstance(outcome, Authenticated) for outcome in outcomes)


async def test_no_answer_is_given_beyond_the_end_of_its_session() -> None:
    async with open_desk(session_staleness=STALENESS) as desk:
        desk.session_ttl = desk.session_idle_ttl = timedelta(minutes=1)
        desk.backend = desk.open()
        token = await desk.create("alice")
        desk.clock.advance(timedelta(seconds=58))
        await desk.who(token)
        await desk.settle()
        before = await desk.who(token)

        desk.clock.advance(timedelta(seconds=2))
        after = await desk.who(token)

        assert isinstance(before, Authenticated)
        assert after == Anonymous(AnonymousReason.SESSION_EXPIRED)


async def test_a_use_that_is_to_be_recorded_is_recorded(memory: Desk) -> None:
    token, _ = await _two(memory)
    memory.clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    await memory.who(token)

    memory.clock.advance(timedelta(seconds=1))
    await memory.who(token)
    await memory.settle()

    entry = await memory.store.get(session_key(handle_of(token)))
    assert entry is not None
    assert read_head(entry.value).touch_from > memory.clock.unix()


@pytest.mark.parametrize("by", [-timedelta(days=1), -timedelta(seconds=5), timedelta(days=1)])
async def test_a_clock_that_somebody_sets_prolongs_nothing(memory: Desk, by: timedelta) -> None:
    token, other = await _two(memory)
    await other.sessions.revoke(handle_of(token))
    memory.clock.advance(STALENESS - MOMENT)

    memory.clock.set(memory.clock.now() + by)
    memory.clock.advance(MOMENT)

    assert isinstance(await memory.who(token), Anonymous)


async def test_another_name_of_a_person_shows_when_this_process_writes_it(memory: Desk) -> None:
    token, _ = await _two(memory)
    memory.clock.advance(timedelta(minutes=5))
    await memory.users.resolve(memory.people.identity("alice").model_copy(update={"name": "Alice Baker"}))
    await memory.who(token)
    await memory.settle()

    outcome = await memory.who(token)

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.name == "Alice Baker"


def test_of_too_many_answers_the_one_that_was_read_first_goes() -> None:
    clock = SettableClock()
    recent = RecentAnswers(STALENESS, clock, most=2)

    for handle in ("one", "two", "three"):
        recent.reading(handle).keep(_answer(), HEAD)

    assert [recent.get(handle) is None for handle in ("one", "two", "three")] == [True, False, False]


def test_answers_that_are_over_make_room_as_others_come() -> None:
    clock = SettableClock()
    recent = RecentAnswers(STALENESS, clock)
    for number in range(20):
        recent.reading(f"old {number}").keep(_answer(), HEAD)
    clock.advance(STALENESS)

    for number in range(20):
        recent.reading(f"new {number}").keep(_answer(), HEAD)

    assert len(recent) == 20


def test_no_more_than_thirty_seconds_are_taken() -> None:
    with pytest.raises(ConfigurationError, match="session_staleness"):
        create_kv_oauth_backend(the_provider(), session_staleness=timedelta(seconds=31))


class Step(StrEnum):
    """Something that happens."""

    ASK_HERE = "ask here"
    ASK_THERE = "ask there"
    END_HERE = "end here"
    END_THERE = "end there"
    WAIT = "wait"
    SET_BACK = "set back"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(Step), st.integers(0, 12)), max_size=12))
@example([(Step.ASK_HERE, 0), (Step.END_THERE, 0), (Step.END_HERE, 0), (Step.ASK_HERE, 0)])
def test_an_end_is_seen_at_once_where_it_was_made_and_elsewhere_in_time(
    steps: list[tuple[Step, int]],
) -> None:
    asyncio.run(_live_through(steps))


async def _live_through(steps: list[tuple[Step, int]]) -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    here, there = (
        create_kv_oauth_backend(
            the_provider(), store=store, keys=KEYS, clock=clock, session_staleness=STALENESS
        )
        for _ in range(2)
    )
    issued = await here.sessions.create(ALICE, Device())
    must_know: dict[KvOAuthBackend, float] = {}
    for step, seconds in steps:
        match step:
            case Step.ASK_HERE | Step.ASK_THERE:
                backend = here if step is Step.ASK_HERE else there
                outcome = await backend.authenticate(AuthRequest((issued.token,)))
                if clock.monotonic() >= must_know.get(backend, inf):
                    assert outcome == REVOKED
                if not must_know:
                    assert isinstance(outcome, Authenticated)
            case Step.END_HERE | Step.END_THERE:
                ending, other = (here, there) if step is Step.END_HERE else (there, here)
                await ending.sessions.revoke(issued.session.handle)
                must_know[ending] = clock.monotonic()
                must_know.setdefault(other, clock.monotonic() + STALENESS.total_seconds())
            case Step.WAIT:
                clock.advance(timedelta(seconds=seconds))
            case Step.SET_BACK:
                clock.advance(-timedelta(seconds=seconds))
    await here.aclose()
    await there.aclose()


def _answer() -> Authenticated:
    def load() -> Identity:
        raise LookupError("nobody asks for it")

    return Authenticated(load)
