"""Two people who are one, and people who come from another store: decided by somebody, done in one commit."""

import pytest

from netscript_auth_core.account_links import LinkRule
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import InvalidInputError
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort
from tests.auth_core.test_user_directory import ContendedStore


def account(subject: str, email: str | None = None) -> ExternalIdentity:
    return ExternalIdentity(
        issuer="https://acme.example",
        subject=subject,
        provider_id="acme",
        email=email,
        email_verified=email is not None,
    )


class Place:
    """A store with whoever looks at it."""

    def __init__(self, store: KvStorePort | None = None) -> None:
        self.clock = SettableClock()
        self.store = store or MemoryKvStore(self.clock)
        self.users = UserDirectory(self.store, self.clock, link_by=frozenset(LinkRule))
        self.changes = DirectoryChanges(self.store)


async def test_joined_people_are_one() -> None:
    place = Place()
    keep, other = await place.users.resolve(account("1")), await place.users.resolve(account("2"))

    joined = await place.changes.join(keep.id, other.id)

    assert (joined.id, len(joined.accounts)) == (keep.id, 2)
    assert [(await place.users.resolve(account(each))).id for each in "12"] == [keep.id, keep.id]
    assert await place.users.get(other.id) is None
    assert [each.id for each in await place.users.page()] == [keep.id]


async def test_who_was_joined_may_be_joined_again_to_the_same_person_only() -> None:
    place = Place()
    keep, other, third = [await place.users.resolve(account(each)) for each in "123"]
    joined = await place.changes.join(keep.id, other.id)

    assert await place.changes.join(keep.id, other.id) == joined

    with pytest.raises(InvalidInputError, match=f"other: was joined to {keep.id} already"):
        await place.changes.join(third.id, other.id)


async def test_who_came_back_from_another_store_can_be_joined_anew() -> None:
    there, place = Place(), Place()
    keep, other = await place.users.resolve(account("1")), await there.users.resolve(account("2"))
    await place.changes.restore(other)
    await place.changes.join(keep.id, other.id)
    back = other.model_copy(update={"accounts": ()})
    await place.changes.restore(back)

    joined = await place.changes.join(other.id, keep.id)

    assert joined.id == other.id
    assert (await place.users.resolve(account("1"))).id == other.id


async def test_an_address_of_who_was_joined_leads_to_who_was_kept() -> None:
    place = Place()
    keep = await place.users.resolve(account("1"))
    other = await place.users.resolve(account("2", "ann@acme.example"))
    await place.changes.join(keep.id, other.id)

    third = await place.users.resolve(account("3", "ann@acme.example"))

    assert third.id == keep.id


@pytest.mark.parametrize(("keep", "other"), [("usr_x", "1"), ("1", "usr_x"), ("1", "1")])
async def test_who_cannot_be_joined_is_named_and_nothing_changes(keep: str, other: str) -> None:
    place = Place()
    ids = {"1": (await place.users.resolve(account("1"))).id}
    before = await place.users.page()

    with pytest.raises(InvalidInputError):
        await place.changes.join(ids.get(keep, keep), ids.get(other, other))

    assert await place.users.page() == before


async def test_a_person_of_another_store_keeps_the_id() -> None:
    there, here = Place(), Place()
    ann = await there.users.resolve(account("1", "ann@acme.example"))

    assert await here.changes.restore(ann) is True

    assert await here.changes.restore(ann) is False
    assert await here.users.get(ann.id) == ann
    assert (await here.users.resolve(account("1", "ann@acme.example"))).id == ann.id


async def test_a_person_of_another_store_is_found_by_a_verified_address() -> None:
    there, here = Place(), Place()
    ann = await there.users.resolve(account("1", "ann@acme.example"))
    ann = await there.users.resolve(account("2", "Ann@Acme.example"))

    await here.changes.restore(ann)

    assert (await here.users.resolve(account("new", "ann@acme.example"))).id == ann.id


async def test_an_address_that_was_not_verified_there_leads_nowhere_here() -> None:
    there, here = Place(), Place()
    unverified = account("1", "ann@acme.example").model_copy(update={"email_verified": False})
    ann = await there.users.resolve(unverified)

    await here.changes.restore(ann)

    assert (await here.users.resolve(account("new", "ann@acme.example"))).id != ann.id


async def test_an_address_that_somebody_has_here_stays_theirs() -> None:
    there, here = Place(), Place()
    owner = await here.users.resolve(account("other", "ann@acme.example"))
    ann = await there.users.resolve(account("1", "ann@acme.example"))

    await here.changes.restore(ann)

    assert (await here.users.resolve(account("new", "ann@acme.example"))).id == owner.id
    assert (await here.users.resolve(account("1", "ann@acme.example"))).id == ann.id


async def test_an_address_that_nobody_has_here_any_more_leads_to_who_comes_with_it() -> None:
    there, here = Place(), Place()
    await here.users.resolve(account("other", "ann@acme.example"))
    await here.users.resolve(account("other", "new@acme.example"))
    ann = await there.users.resolve(account("1", "ann@acme.example"))

    await here.changes.restore(ann)

    assert (await here.users.resolve(account("new", "ann@acme.example"))).id == ann.id


async def test_an_account_that_is_somebody_elses_here_is_not_taken_from_them() -> None:
    there, here = Place(), Place()
    ann, owner = await there.users.resolve(account("1")), await here.users.resolve(account("1"))

    with pytest.raises(InvalidInputError, match="leads to somebody else here"):
        await here.changes.restore(ann)

    assert (await here.users.resolve(account("1"))).id == owner.id
    assert await here.users.get(ann.id) is None


async def test_a_person_who_is_here_and_differs_is_not_overwritten() -> None:
    there, here = Place(), Place()
    ann = await there.users.resolve(account("1"))
    await here.changes.restore(ann)
    changed = ann.model_copy(update={"name": "Mallory"})

    with pytest.raises(InvalidInputError, match="is known here, and differs"):
        await here.changes.restore(changed)

    assert await here.users.get(ann.id) == ann


async def test_a_store_in_which_somebody_else_always_wins_is_an_outage() -> None:
    clock = SettableClock()
    there = Place()
    ann = await there.users.resolve(account("1"))

    with pytest.raises(StoreUnavailableError):
        await Place(ContendedStore(clock)).changes.restore(ann)
