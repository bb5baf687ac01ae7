"""Sessions that an upstream keeps: whose they are here, and what ended by our will."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.account_removal import AccountRemoval
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_auth_core.upstream_sessions import UpstreamSession, UpstreamSessions
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.port import Entry, Put
from tests.auth_core.test_user_directory import BusyStore

OLD, NEW = b"o" * 32, b"n" * 32
HANDLE = "session_1"
DAY = timedelta(days=1)


class CountingStore(BusyStore):
    """Counts what is asked of it."""

    gets = 0

    async def get(self, key: str) -> Entry | None:
        self.gets += 1
        return await super().get(key)


@dataclass
class Place:
    """A store with whoever looks at it."""

    clock: SettableClock
    memory: CountingStore
    store: InterruptibleKvStore

    @property
    def users(self) -> UserDirectory:
        return UserDirectory(self.store, self.clock)

    def sessions(self, *keys: bytes, backend: str = "acme") -> UpstreamSessions:
        return UpstreamSessions(backend, self.store, KeyRing(keys or (OLD,)), self.users, self.clock)

    def seen(
        self, handle: str = HANDLE, subject: str = "alice", credential: bytes | None = b"secret"
    ) -> UpstreamSession:
        now = self.clock.now()
        identity = ExternalIdentity(issuer="https://upstream.example", subject=subject, provider_id="acme")
        return UpstreamSession(handle, identity, now, now + DAY, now + DAY, credential=credential)


@pytest.fixture
def place() -> Place:
    clock = SettableClock()
    memory = CountingStore(clock)
    return Place(clock, memory, InterruptibleKvStore(memory))


async def test_a_session_that_its_upstream_lets_live_to_the_end_of_time_is_kept_like_any_other(
    place: Place,
) -> None:
    never = datetime.max.replace(tzinfo=UTC)

    met = await place.sessions().meet(replace(place.seen(), idle_expires_at=never, expires_at=never))

    assert met is not None
    assert await place.sessions().end(HANDLE) is True


async def test_a_session_that_is_met_is_its_persons(place: Place) -> None:
    met = await place.sessions().meet(place.seen())

    assert met is not None
    assert met.session.user_id == met.user.id
    assert (met.session.handle, met.session.backend) == (HANDLE, "acme")
    assert await place.sessions().get(HANDLE) == met.session
    assert await place.sessions().identity(HANDLE) == met
    assert [each.handle for each in await place.sessions().of_user(met.user.id)] == [HANDLE]


async def test_a_session_that_looks_as_before_costs_one_read_and_no_write(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    first = await sessions.meet(seen)
    before, place.memory.gets = await place.memory.get(f"auth/upstream-session/acme/{HANDLE}"), 0

    again = await sessions.meet(seen)

    assert place.memory.gets == 1
    assert again == first
    assert await place.memory.get(f"auth/upstream-session/acme/{HANDLE}") == before


async def test_what_the_upstream_changes_is_taken_over(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    await sessions.meet(seen)

    longer = replace(
        seen, expires_at=seen.expires_at + DAY, identity=seen.identity.model_copy(update={"name": "Ann"})
    )
    met = await sessions.meet(longer)

    assert met is not None
    assert (met.user.name, met.session.expires_at) == ("Ann", longer.expires_at)
    assert await sessions.identity(HANDLE) == met


async def test_that_a_session_is_in_use_is_recorded_now_and_then(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    await sessions.meet(seen)
    place.clock.advance(timedelta(minutes=6))

    await sessions.meet(seen)

    session = await sessions.get(HANDLE)
    assert session is not None
    assert session.last_seen_at == place.clock.now()


async def test_the_accounts_of_a_person_are_asked_for_once(place: Place) -> None:
    asked: list[int] = []
    known = ExternalIdentity(issuer="https://provider.example", subject="a", provider_id="p")
    alice = await place.users.resolve(known)

    async def linked() -> Sequence[ExternalIdentity]:
        asked.append(1)
        return [known]

    met = [await place.sessions().meet(place.seen(), linked) for _ in range(2)]

    assert [each.user.id if each else None for each in met] == [alice.id, alice.id]
    assert len(asked) == 1


async def test_an_ended_session_stays_ended_whatever_the_upstream_says(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    met = await sessions.meet(seen)
    assert met is not None

    assert await sessions.end(HANDLE) is True

    assert await sessions.end(HANDLE) is False
    assert await sessions.meet(replace(seen, expires_at=seen.expires_at + DAY)) is None
    session = await sessions.get(HANDLE)
    assert session is not None
    assert session.state is SessionState.REVOKED
    assert await sessions.identity(HANDLE) is None
    assert await sessions.credential(HANDLE) is None
    assert await sessions.of_user(met.user.id) == []


async def test_an_ending_is_remembered_until_the_session_would_have_ended(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    await sessions.meet(seen)
    await sessions.end(HANDLE)

    place.clock.set(seen.expires_at - timedelta(seconds=1))

    assert await sessions.meet(seen) is None


async def test_what_the_upstream_could_have_prolonged_stays_ended_for_as_long(place: Place) -> None:
    sessions = place.sessions()
    seen = replace(place.seen(), idle_expires_at=place.clock.now() + timedelta(hours=1))
    await sessions.meet(seen)
    await sessions.end(HANDLE)

    place.clock.advance(timedelta(hours=2))

    assert await sessions.meet(replace(seen, idle_expires_at=seen.expires_at)) is None


async def test_a_session_that_was_left_alone_is_forgotten_soon_after_its_end(place: Place) -> None:
    sessions = place.sessions()
    await sessions.meet(replace(place.seen(), idle_expires_at=place.clock.now() + timedelta(hours=1)))

    place.clock.advance(timedelta(hours=2))

    assert await sessions.get(HANDLE) is None


async def test_an_ending_during_a_contact_wins(place: Place) -> None:
    sessions = place.sessions()
    for number in range(20):
        seen = place.seen(f"s{number}")
        await sessions.meet(seen)
        place.clock.advance(timedelta(minutes=6))

        await asyncio.gather(sessions.meet(seen), sessions.end(seen.handle), sessions.meet(seen))

        assert await sessions.meet(seen) is None


async def test_time_ends_a_session_that_is_not_met(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    met = await sessions.meet(seen)
    assert met is not None

    place.clock.set(seen.expires_at)

    session = await sessions.get(HANDLE)
    assert session is None or session.state is SessionState.EXPIRED
    assert await sessions.identity(HANDLE) is None
    assert await sessions.end(HANDLE) is False
    assert await sessions.of_user(met.user.id) == []


async def test_a_persons_sessions_are_listed_newest_first_and_no_others(place: Place) -> None:
    sessions = place.sessions()
    met = await sessions.meet(place.seen("s0"))
    for number in (1, 2):
        place.clock.advance(timedelta(seconds=1))
        await sessions.meet(place.seen(f"s{number}"))
    await sessions.meet(place.seen("bobs", "bob"))
    await place.sessions(backend="other").meet(place.seen("elsewhere"))
    assert met is not None

    assert [each.handle for each in await sessions.of_user(met.user.id)] == ["s2", "s1", "s0"]


async def test_backends_do_not_meet_each_others_sessions(place: Place) -> None:
    await place.sessions().meet(place.seen())

    assert await place.sessions(backend="other").get(HANDLE) is None


async def test_a_credential_is_kept_sealed(place: Place) -> None:
    await place.sessions().meet(place.seen(credential=b"a very secret token"))

    entry = await place.memory.get(f"auth/upstream-session/acme/{HANDLE}")
    assert entry is not None
    assert b"secret" not in entry.value
    assert await place.sessions().credential(HANDLE) == b"a very secret token"


async def test_a_credential_of_another_session_does_not_open(place: Place) -> None:
    await place.sessions().meet(place.seen("alices"))
    entry = await place.memory.get("auth/upstream-session/acme/alices")
    assert entry is not None
    moved = entry.value.replace(b'"alices"', b'"mallory"')
    await place.memory.commit(puts=[Put("auth/upstream-session/acme/mallory", moved)])

    assert await place.sessions().credential("mallory") is None


async def test_a_credential_is_sealed_anew_under_a_new_key_at_the_next_contact(place: Place) -> None:
    await place.sessions(OLD).meet(place.seen())

    await place.sessions(NEW, OLD).meet(place.seen())

    assert await place.sessions(NEW).credential(HANDLE) == b"secret"


async def test_a_credential_whose_key_is_gone_is_kept_anew_at_the_next_contact(place: Place) -> None:
    seen = place.seen()
    await place.sessions(OLD).meet(seen)
    sessions = place.sessions(NEW)

    assert await sessions.credential(HANDLE) is None
    assert await sessions.meet(seen) is not None
    assert await sessions.credential(HANDLE) == b"secret"


async def test_a_contact_without_a_credential_keeps_the_one_that_is_there(place: Place) -> None:
    sessions = place.sessions()
    await sessions.meet(place.seen())
    place.clock.advance(timedelta(minutes=6))

    await sessions.meet(place.seen(credential=None))

    assert await sessions.credential(HANDLE) == b"secret"


@pytest.mark.parametrize("handle", ["", "\0", "\ud800", "a/b", "x" * 10_000, "never-met"])
async def test_a_handle_that_was_never_met_names_nothing(place: Place, handle: str) -> None:
    sessions = place.sessions()

    assert await sessions.get(handle) is None
    assert await sessions.identity(handle) is None
    assert await sessions.credential(handle) is None
    assert await sessions.end(handle) is False


async def test_a_session_under_what_can_be_no_handle_is_a_fault_of_the_adapter(place: Place) -> None:
    with pytest.raises(ValueError, match="a handle that can be none"):
        await place.sessions().meet(place.seen("a/b"))


async def test_a_store_that_is_away_is_an_outage(place: Place) -> None:
    sessions, seen = place.sessions(), place.seen()
    met = await sessions.meet(seen)
    assert met is not None

    async with place.store.outage():
        for ask in (
            sessions.meet(seen),
            sessions.get(HANDLE),
            sessions.identity(HANDLE),
            sessions.credential(HANDLE),
            sessions.end(HANDLE),
            sessions.of_user(met.user.id),
        ):
            with pytest.raises(BackendUnavailableError) as caught:
                await ask
            assert caught.value.backend == "acme"

    assert await sessions.meet(seen) == met


async def test_a_record_that_cannot_be_read_is_an_outage(place: Place) -> None:
    await place.memory.commit(puts=[Put(f"auth/upstream-session/acme/{HANDLE}", b'{"v":9}')])

    with pytest.raises(BackendUnavailableError):
        await place.sessions().meet(place.seen())


@given(steps=st.lists(st.sampled_from(["meet", "end", "wait", "other"]), max_size=12))
async def test_an_ended_session_never_returns(steps: list[str]) -> None:
    clock = SettableClock()
    memory = CountingStore(clock)
    place = Place(clock, memory, InterruptibleKvStore(memory))
    sessions, seen, has_met, has_ended = place.sessions(), place.seen(), False, False

    for step in steps:
        if step == "wait":
            clock.advance(timedelta(minutes=7))
        elif step == "end":
            assert await sessions.end(HANDLE) is (has_met and not has_ended)
            has_ended = has_ended or has_met
        else:
            told = seen if step == "meet" else replace(seen, scopes=("other",))
            assert (await sessions.meet(told) is None) is has_ended
            has_met = True


async def test_sessions_of_somebody_who_was_joined_are_given_to_the_person_as_they_are(place: Place) -> None:
    sessions = place.sessions()
    ann = await place.users.resolve(place.seen(subject="ann").identity)
    met = await sessions.meet(place.seen(subject="bob"))
    over = await sessions.meet(place.seen("session_2", subject="bob"))
    assert met is not None
    assert over is not None
    await sessions.end("session_2")
    ann = await DirectoryChanges(place.store).join(ann.id, met.user.id)

    assert await sessions.give(met.user.id, ann) == 1

    assert await sessions.of_user(met.user.id) == []
    assert [each.handle for each in await sessions.of_user(ann.id)] == [HANDLE]
    given = await sessions.identity(HANDLE)
    assert given is not None
    assert (given.session.user_id, given.user) == (ann.id, ann)
    assert await sessions.credential(HANDLE) == b"secret"
    ended = await sessions.get("session_2")
    assert ended is not None
    assert (ended.state, ended.user_id) == (SessionState.REVOKED, over.user.id)


async def test_a_session_by_an_account_that_was_taken_out_is_somebody_new_at_once(place: Place) -> None:
    sessions, bob = place.sessions(), place.seen(subject="bob").identity
    ann = await place.users.resolve(place.seen(subject="ann").identity, [bob])
    await sessions.meet(place.seen(subject="ann"))
    await sessions.meet(place.seen("session_2", subject="bob"))
    ann = await AccountRemoval(place.store).remove(ann.id, bob.issuer, bob.subject)

    assert await sessions.give(ann.id, ann) == 1

    assert await sessions.identity("session_2") is None
    stays, anew = await sessions.identity(HANDLE), await sessions.meet(place.seen("session_2", subject="bob"))
    assert stays is not None
    assert anew is not None
    assert (stays.user, anew.user.id == ann.id) == (ann, False)


async def test_a_session_that_is_given_while_the_store_is_away_is_an_outage(place: Place) -> None:
    met = await place.sessions().meet(place.seen())
    assert met is not None

    async with place.store.outage():
        with pytest.raises(BackendUnavailableError):
            await place.sessions().give("usr_other", met.user)
