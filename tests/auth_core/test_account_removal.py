"""An account that somebody took out of a person: it opens nothing of theirs, whoever lists it."""

from collections.abc import Sequence

import pytest

from netscript_auth_core.account_removal import AccountRemoval
from netscript_auth_core.domain import AuthUser, ExternalIdentity
from netscript_auth_core.errors import InvalidInputError
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Check, Put
from tests.auth_core.test_directory_changes import Place, account
from tests.auth_core.test_user_directory import BusyStore

ISSUER = "https://acme.example"
ALICE, LISTED, OTHER = account("alice"), account("listed"), account("other")


async def alice_without(place: Place, listed: ExternalIdentity = LISTED) -> AuthUser:
    alice = await place.users.resolve(ALICE, [listed])
    return await AccountRemoval(place.store).remove(alice.id, ISSUER, listed.subject)


async def test_whoever_signs_in_with_an_account_that_was_taken_out_is_somebody_new() -> None:
    place = Place()
    alice = await alice_without(place)

    stranger = await place.users.resolve(LISTED)

    assert stranger.id != alice.id
    assert (await place.users.resolve(LISTED)).id == stranger.id
    again = await place.users.resolve(ALICE)
    assert (again.id, [each.subject for each in again.accounts]) == (alice.id, ["alice"])


async def test_an_upstream_that_lists_it_still_joins_it_to_nobody() -> None:
    place = Place()
    alice = await alice_without(place)

    listing = [await place.users.resolve(ALICE, [LISTED]), await place.users.resolve(OTHER, [LISTED])]

    assert [len(each.accounts) for each in listing] == [1, 1]
    assert (await place.users.resolve(LISTED)).id not in {alice.id, listing[1].id}


async def test_it_is_somebody_new_whatever_is_listed_beside_it() -> None:
    place = Place()
    alice = await alice_without(place)

    stranger = await place.users.resolve(LISTED, [ALICE])

    assert stranger.id != alice.id
    assert [each.subject for each in stranger.accounts] == ["listed"]
    assert (await place.users.resolve(ALICE, [LISTED])).id == alice.id


async def test_an_address_does_not_join_it_again() -> None:
    place = Place()
    alice = await place.users.resolve(account("alice", "ann@acme.example"))
    listed = account("listed", "ann@acme.example")
    assert (await place.users.resolve(listed)).id == alice.id
    await AccountRemoval(place.store).remove(alice.id, ISSUER, "listed")

    stranger = await place.users.resolve(listed)

    assert stranger.id != alice.id
    assert (await place.users.resolve(account("third", "ann@acme.example"))).id == alice.id


async def test_its_address_goes_with_it() -> None:
    place = Place()
    await place.users.resolve(account("alice", "ann@acme.example"), [LISTED])
    alice = await place.users.resolve(account("listed", "mallory@acme.example"))
    assert alice.email == "mallory@acme.example"

    alice = await AccountRemoval(place.store).remove(alice.id, ISSUER, "listed")

    assert (alice.email, alice.email_verified) == ("ann@acme.example", True)
    assert await place.users.get(alice.id) == alice
    assert (await place.users.resolve(account("new", "mallory@acme.example"))).id != alice.id


async def test_the_address_of_another_account_stays() -> None:
    place = Place()
    await place.users.resolve(account("listed", "old@acme.example"), [ALICE])
    alice = await place.users.resolve(account("alice", "ann@acme.example"))

    alice = await AccountRemoval(place.store).remove(alice.id, ISSUER, "listed")

    assert alice.email == "ann@acme.example"


async def test_taking_it_out_once_more_changes_nothing_even_if_it_is_somebody_elses_by_now() -> None:
    place = Place()
    alice = await alice_without(place)
    stranger = await place.users.resolve(LISTED)

    again = await AccountRemoval(place.store).remove(alice.id, ISSUER, "listed")

    assert again == alice
    assert (await place.users.resolve(LISTED)).id == stranger.id


async def test_who_is_joined_again_by_somebodys_decision_has_it_back() -> None:
    place = Place()
    alice = await alice_without(place)
    stranger = await place.users.resolve(LISTED)

    await place.changes.join(alice.id, stranger.id)

    assert (await place.users.resolve(LISTED)).id == alice.id
    assert (await place.users.resolve(ALICE, [LISTED])).id == alice.id


@pytest.mark.parametrize(
    ("user", "subject", "problem"),
    [
        ("usr_nobody", "alice", "user: nobody has this id"),
        ("alice", "other", "account: is none of this person's"),
        ("other", "other", "account: is the only one of this person"),
    ],
)
async def test_what_cannot_be_taken_out_is_told_and_nothing_changes(
    user: str, subject: str, problem: str
) -> None:
    place = Place()
    alice, other = await place.users.resolve(ALICE, [LISTED]), await place.users.resolve(OTHER)
    user_id = {"alice": alice.id, "other": other.id}.get(user, user)

    with pytest.raises(InvalidInputError, match=problem):
        await AccountRemoval(place.store).remove(user_id, ISSUER, subject)

    assert [await place.users.get(alice.id), await place.users.get(other.id)] == [alice, other]


class _Refusing(BusyStore):
    """A store in which somebody else always wins, from some time on."""

    refuses = False

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        return None if self.refuses else await super().commit(checks=checks, puts=puts, deletes=deletes)


async def test_a_person_who_changes_under_every_try_is_an_outage() -> None:
    store = _Refusing(SettableClock())
    place = Place(store)
    alice = await place.users.resolve(ALICE, [LISTED])
    store.refuses = True

    with pytest.raises(StoreUnavailableError, match="changed under every try"):
        await AccountRemoval(store).remove(alice.id, ISSUER, "listed")
