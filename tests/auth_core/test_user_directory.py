"""Our own user ids: one person, one id, whoever vouches for them and however often."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Check, Entry, Put

ACME = "https://acme.example"
TEXT = st.text(min_size=1, max_size=20)


class BusyStore(MemoryKvStore):
    """A store that others get a word in at every step."""

    async def get(self, key: str) -> Entry | None:
        await asyncio.sleep(0)
        return await super().get(key)

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        await asyncio.sleep(0)
        return await super().commit(checks=checks, puts=puts, deletes=deletes)


class ContendedStore(MemoryKvStore):
    """A store in which somebody else always wins."""

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        return None


def identity(subject: str = "1", issuer: str = ACME, **fields: object) -> ExternalIdentity:
    return ExternalIdentity.model_validate(
        {"issuer": issuer, "subject": subject, "provider_id": "acme", "name": "Ann", **fields}
    )


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def store(clock: SettableClock) -> MemoryKvStore:
    return MemoryKvStore(clock)


@pytest.fixture
def users(store: MemoryKvStore, clock: SettableClock) -> UserDirectory:
    return UserDirectory(store, clock)


async def test_first_contact_makes_a_user(users: UserDirectory, clock: SettableClock) -> None:
    user = await users.resolve(identity(email="ann@acme.example", email_verified=True))

    assert user.id.startswith("usr_")
    assert user.created_at == clock.now()
    assert (user.name, user.email, user.email_verified) == ("Ann", "ann@acme.example", True)
    assert [(each.issuer, each.subject) for each in user.accounts] == [(ACME, "1")]
    assert await users.get(user.id) == user


async def test_later_contact_leads_to_the_same_user(users: UserDirectory, clock: SettableClock) -> None:
    first = await users.resolve(identity())
    clock.advance(timedelta(days=400))

    assert await users.resolve(identity()) == first


async def test_the_issuer_is_part_of_who_somebody_is(users: UserDirectory) -> None:
    here = await users.resolve(identity("1", ACME))

    there = await users.resolve(identity("1", "https://other.example"))

    assert here.id != there.id


async def test_an_address_joins_nobody(users: UserDirectory) -> None:
    victim = await users.resolve(identity("1", email="ann@acme.example", email_verified=True))

    attacker = await users.resolve(identity("2", email="ann@acme.example", email_verified=True))

    assert attacker.id != victim.id


async def test_the_provider_has_the_newest_word_on_name_and_address(users: UserDirectory) -> None:
    first = await users.resolve(identity(email="old@acme.example", email_verified=True))

    moved = await users.resolve(identity(name="Anna", email="new@acme.example"))

    assert moved.id == first.id
    assert (moved.name, moved.email, moved.email_verified) == ("Anna", "new@acme.example", False)
    assert moved.accounts[0].email == "new@acme.example"
    assert await users.get(first.id) == moved


async def test_a_silent_provider_takes_no_name_away(users: UserDirectory) -> None:
    await users.resolve(identity(name="Ann", picture="https://acme.example/ann.png"))

    later = await users.resolve(identity(name=None, picture=None))

    assert (later.name, later.picture) == ("Ann", "https://acme.example/ann.png")


async def test_an_address_that_no_account_has_any_more_is_not_kept(users: UserDirectory) -> None:
    await users.resolve(identity(email="ann@acme.example", email_verified=True))

    later = await users.resolve(identity(email=None))

    assert (later.email, later.email_verified) == (None, False)


async def test_nothing_is_written_where_nothing_changed(store: MemoryKvStore, users: UserDirectory) -> None:
    user = await users.resolve(identity())
    before = await store.get(f"auth/user/{user.id}")

    await users.resolve(identity())

    assert await store.get(f"auth/user/{user.id}") == before


async def test_two_first_contacts_at_once_make_one_user(clock: SettableClock) -> None:
    users = UserDirectory(BusyStore(clock), clock)

    found = await asyncio.gather(*(users.resolve(identity()) for _ in range(10)))

    assert len({user.id for user in found}) == 1
    assert await users.get(found[0].id) == found[0]


async def test_changes_at_once_all_lead_to_one_user(clock: SettableClock) -> None:
    users = UserDirectory(BusyStore(clock), clock)
    first = await users.resolve(identity())

    found = await asyncio.gather(*(users.resolve(identity(name=f"Ann {n}")) for n in range(5)))

    assert {user.id for user in found} == {first.id}


async def test_a_store_in_which_nothing_can_be_written_is_an_outage(clock: SettableClock) -> None:
    users = UserDirectory(ContendedStore(clock), clock)

    with pytest.raises(StoreUnavailableError, match="changed under every try"):
        await users.resolve(identity())


async def test_a_store_that_is_away_is_no_new_user(store: MemoryKvStore, clock: SettableClock) -> None:
    switched = InterruptibleKvStore(store)
    users = UserDirectory(switched, clock)
    known = await users.resolve(identity())

    async with switched.outage():
        with pytest.raises(StoreUnavailableError):
            await users.resolve(identity())
        with pytest.raises(StoreUnavailableError):
            await users.get(known.id)

    assert (await users.resolve(identity())).id == known.id


async def test_an_unknown_id_is_nobodys(users: UserDirectory) -> None:
    assert await users.get("usr_never-given-out") is None


async def test_an_account_whose_user_was_deleted_makes_a_new_one(
    store: MemoryKvStore, users: UserDirectory
) -> None:
    first = await users.resolve(identity())
    await store.commit(deletes=[f"auth/user/{first.id}"])

    second = await users.resolve(identity())

    assert second.id != first.id
    assert (await users.resolve(identity())).id == second.id


async def test_a_record_of_a_newer_version_is_not_guessed_at(
    store: MemoryKvStore, users: UserDirectory
) -> None:
    user = await users.resolve(identity())
    await store.commit(puts=[Put(f"auth/user/{user.id}", b'{"v":2,"r":{"id":"usr_1"}}')])

    with pytest.raises(StoreCorruptError, match="schema version 2, not 1"):
        await users.resolve(identity())


@given(pairs=st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=8, unique=True))
async def test_no_two_identities_collide(pairs: list[tuple[str, str]]) -> None:
    clock = SettableClock()
    users = UserDirectory(MemoryKvStore(clock), clock)

    found = [await users.resolve(identity(subject, issuer)) for issuer, subject in pairs]

    assert len({user.id for user in found}) == len(pairs)
    again = [await users.resolve(identity(subject, issuer)) for issuer, subject in pairs]
    assert [user.id for user in again] == [user.id for user in found]


@given(text=st.text(min_size=2, max_size=8))
async def test_where_the_issuer_ends_and_the_subject_begins_counts(text: str) -> None:
    clock = SettableClock()
    users = UserDirectory(MemoryKvStore(clock), clock)
    cuts = range(1, len(text))

    found = [await users.resolve(identity(subject=text[at:], issuer=text[:at])) for at in cuts]

    assert len({user.id for user in found}) == len(cuts)
