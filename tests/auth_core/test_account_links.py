"""Which accounts lead to which person: by declared rules, and never by a guess."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.account_links import LinkRule
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser, ExternalIdentity
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from tests.auth_core.test_user_directory import BusyStore

PROVIDER, SERVER = "https://provider.example", "https://better.example"
BY_EMAIL = frozenset({LinkRule.VERIFIED_EMAIL})


def account(
    issuer: str, subject: str, email: str | None = None, *, verified: bool = True
) -> ExternalIdentity:
    return ExternalIdentity(
        issuer=issuer,
        subject=subject,
        provider_id="acme",
        email=email,
        email_verified=verified and bool(email),
    )


ALICE = account(PROVIDER, "alice")
BOB = account(PROVIDER, "bob")
ALICE_THERE = account(SERVER, "u-1")


def directory(*, link_by: frozenset[LinkRule] | None = None) -> UserDirectory:
    clock = SettableClock()
    store = BusyStore(clock)
    return UserDirectory(store, clock) if link_by is None else UserDirectory(store, clock, link_by=link_by)


def keys(user: AuthUser) -> set[tuple[str, str]]:
    return {(each.issuer, each.subject) for each in user.accounts}


async def test_an_account_that_the_upstream_lists_with_a_known_one_is_the_same_persons() -> None:
    users = directory()
    alice = await users.resolve(ALICE)

    there = await users.resolve(ALICE_THERE, [ALICE])

    assert there.id == alice.id
    assert (await users.resolve(ALICE_THERE)).id == alice.id
    assert keys(there) == {(PROVIDER, "alice"), (SERVER, "u-1")}


async def test_an_account_that_the_upstream_listed_first_leads_to_the_same_person_later() -> None:
    users = directory()
    there = await users.resolve(ALICE_THERE, [ALICE])

    assert (await users.resolve(ALICE)).id == there.id


async def test_an_account_that_is_listed_later_joins_too() -> None:
    users = directory()
    there = await users.resolve(ALICE_THERE)

    await users.resolve(ALICE_THERE, [ALICE])

    assert (await users.resolve(ALICE)).id == there.id


async def test_a_listed_account_of_somebody_else_stays_theirs_and_the_log_names_both(
    caplog: pytest.LogCaptureFixture,
) -> None:
    users = directory()
    bob, alice = await users.resolve(BOB), await users.resolve(ALICE_THERE)

    again = await users.resolve(ALICE_THERE, [BOB])

    assert again == alice
    assert (await users.resolve(BOB)).id == bob.id
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert alice.id in record.getMessage()
    assert bob.id in record.getMessage()


async def test_listed_accounts_that_lead_to_the_same_person_are_no_word_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    users = directory()
    await users.resolve(ALICE_THERE, [ALICE])

    await users.resolve(ALICE_THERE, [ALICE])

    assert caplog.records == []


async def test_listed_accounts_of_different_people_join_none_of_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    users = directory()
    alice, bob = await users.resolve(ALICE), await users.resolve(BOB)

    with caplog.at_level(logging.WARNING):
        there = await users.resolve(ALICE_THERE, [ALICE, BOB])

    assert there.id not in (alice.id, bob.id)
    assert keys(there) == {(SERVER, "u-1")}
    assert alice.id in caplog.text
    assert bob.id in caplog.text


async def test_what_an_upstream_lists_counts_for_nothing_where_the_operator_said_so() -> None:
    users = directory(link_by=frozenset())
    alice = await users.resolve(ALICE)

    there = await users.resolve(ALICE_THERE, [ALICE])

    assert there.id != alice.id
    assert keys(there) == {(SERVER, "u-1")}


async def test_what_a_provider_says_of_its_own_account_outlives_a_list() -> None:
    users = directory()
    await users.resolve(account(PROVIDER, "alice", "alice@acme.example"))

    there = await users.resolve(ALICE_THERE, [ALICE])

    assert there.accounts[0].email == "alice@acme.example"


@pytest.mark.parametrize("address", ["alice@acme.example", "Alice@ACME.example"])
async def test_a_verified_address_joins_where_the_operator_allows_it(address: str) -> None:
    users = directory(link_by=BY_EMAIL)
    alice = await users.resolve(account(PROVIDER, "alice", "alice@acme.example"))

    there = await users.resolve(account(SERVER, "u-1", address))

    assert there.id == alice.id


@pytest.mark.parametrize("unverified", [0, 1])
async def test_an_address_that_one_side_has_not_verified_joins_nobody(unverified: int) -> None:
    users = directory(link_by=BY_EMAIL)
    alice = await users.resolve(account(PROVIDER, "alice", "a@acme.example", verified=unverified != 0))

    there = await users.resolve(account(SERVER, "u-1", "a@acme.example", verified=unverified != 1))

    assert there.id != alice.id


async def test_letters_that_look_alike_join_nobody() -> None:
    users = directory(link_by=BY_EMAIL)
    kelvin = await users.resolve(account(PROVIDER, "k", "k@acme.example"))

    sign = await users.resolve(account(SERVER, "u-1", "\u212a@acme.example"))

    assert sign.id != kelvin.id


async def test_an_address_that_the_person_has_given_up_joins_nobody() -> None:
    users = directory(link_by=BY_EMAIL)
    alice = await users.resolve(account(PROVIDER, "alice", "shared@acme.example"))
    await users.resolve(account(PROVIDER, "alice", "new@acme.example"))

    successor = await users.resolve(account(SERVER, "u-1", "shared@acme.example"))

    assert successor.id != alice.id
    third = await users.resolve(account("https://third.example", "3", "shared@acme.example"))
    assert third.id == successor.id


async def test_people_are_listed_in_the_order_in_which_they_came() -> None:
    clock = SettableClock()
    users = UserDirectory(MemoryKvStore(clock), clock)
    came: list[str] = []
    for number in range(5):
        came.append((await users.resolve(account(PROVIDER, str(number)))).id)
        clock.advance(timedelta(seconds=1))

    first = await users.page(limit=3)
    rest = await users.page(limit=3, after=first[-1].id)

    assert [each.id for each in (*first, *rest)] == came


@pytest.mark.parametrize("how_many", [0, 1, 2, 3, 4])
async def test_everybody_is_listed_however_many_fit_into_a_page(
    monkeypatch: pytest.MonkeyPatch, how_many: int
) -> None:
    monkeypatch.setattr("netscript_auth_core.directory._AT_ONCE", 2)
    users = directory()
    came = {(await users.resolve(account(PROVIDER, str(number)))).id for number in range(how_many)}

    listed = [user.id async for user in users.everybody()]

    assert len(listed) == how_many
    assert set(listed) == came


async def test_first_contacts_at_once_by_linked_accounts_make_one_person() -> None:
    users = directory()

    found = await asyncio.gather(
        users.resolve(ALICE_THERE, [ALICE]), users.resolve(ALICE), users.resolve(ALICE_THERE, [ALICE])
    )

    assert len({each.id for each in found}) == 1


_ACCOUNTS = st.builds(
    account,
    st.sampled_from([PROVIDER, SERVER]),
    st.sampled_from("abcd"),
    st.sampled_from([None, "a@x.example", "b@x.example"]),
    verified=st.booleans(),
)
_CONTACTS = st.lists(st.tuples(_ACCOUNTS, st.lists(_ACCOUNTS, max_size=3)), max_size=8)


@given(contacts=_CONTACTS, rules=st.frozensets(st.sampled_from(LinkRule)))
async def test_an_account_is_one_persons_for_good(
    contacts: Sequence[tuple[ExternalIdentity, Sequence[ExternalIdentity]]], rules: frozenset[LinkRule]
) -> None:
    users = directory(link_by=rules)
    homes: dict[tuple[str, str], str] = {}

    for identity, linked in contacts:
        user = await users.resolve(identity, linked)
        for key in keys(user):
            assert homes.setdefault(key, user.id) == user.id

    for (issuer, subject), home in homes.items():
        assert (await users.resolve(account(issuer, subject))).id == home
