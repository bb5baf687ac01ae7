"""Which people may come from another store, and that the rules are for those alone."""

from datetime import UTC, datetime

import pytest

from netscript_auth_core.account_links import account_key, put_user
from netscript_auth_core.domain import Account, AuthUser
from netscript_auth_core.errors import InvalidInputError
from tests.auth_core.test_directory_changes import Place

LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def at_acme(number: str, **fields: object) -> Account:
    return Account.model_validate(
        {"issuer": "https://acme.example", "subject": number, "provider_id": "acme", **fields}
    )


ANN = AuthUser(id="usr_ann", created_at=LAST_YEAR, name="Ann", accounts=(at_acme("1"), at_acme("2")))


def having(**fields: object) -> AuthUser:
    return ANN.model_copy(update=fields)


def with_account(**fields: object) -> AuthUser:
    return having(accounts=(at_acme("1"), at_acme("2", **fields)))


@pytest.mark.parametrize(
    ("user", "told"),
    [
        (having(id=""), "id: has to be usr_ and"),
        (having(id="usr_"), "id: has to be usr_ and"),
        (having(id="usr_x\r\nSet-Cookie: a=b\x00"), "id: has to be usr_ and"),
        (having(id="usr_x\n"), "id: has to be usr_ and"),
        (having(id="../account/x"), "id: has to be usr_ and"),
        (having(id=f"usr_{'x' * 1_000_000}"), "id: has to be usr_ and"),
        (having(created_at=LAST_YEAR.replace(tzinfo=None)), "createdAt: has to say its time zone"),
        (having(name="x" * 256), "name: has more than 255 characters"),
        (having(email="x" * 321), "email: has more than 320 characters"),
        (having(picture="x" * 2049), "picture: has more than 2048 characters"),
        (having(accounts=tuple(at_acme(str(n)) for n in range(101))), "accounts: has to be 100 at most"),
        (having(accounts=(at_acme("1"), at_acme("1"))), "accounts: has the same issuer and subject twice"),
        (with_account(issuer=""), "accounts.1.issuer: is empty"),
        (with_account(issuer="x" * 2049), "accounts.1.issuer: has more than 2048 characters"),
        (with_account(subject=""), "accounts.1.subject: is empty"),
        (with_account(subject="x" * 256), "accounts.1.subject: has more than 255 characters"),
        (with_account(email="x" * 321), "accounts.1.email: has more than 320 characters"),
        (with_account(provider_id=""), "accounts.1.providerId: has to be 1 to 64"),
        (with_account(provider_id="\x1b[8m"), "accounts.1.providerId: has to be 1 to 64"),
    ],
)
async def test_who_is_not_as_first_contact_makes_people_does_not_come_in(user: AuthUser, told: str) -> None:
    place = Place()

    with pytest.raises(InvalidInputError) as refused:
        await place.changes.restore(user)

    assert str(refused.value).startswith(told)
    assert await place.users.page() == []
    assert await place.store.get(account_key("https://acme.example", "1")) is None


async def test_what_is_at_the_limits_comes_in() -> None:
    place = Place()
    accounts = (at_acme("s" * 255, issuer="i" * 2048, provider_id="A_z.0-", email="e" * 320),)
    long = having(
        id=f"usr_{'x' * 64}", name="n" * 255, email="e" * 320, picture="p" * 2048, accounts=accounts
    )

    assert await place.changes.restore(long) is True

    assert await place.users.get(long.id) == long


async def test_a_name_comes_in_without_what_forges_lines() -> None:
    place = Place()

    await place.changes.restore(having(name="Mallory\nusr_A  Alice\x1b[8m"))

    mallory = await place.users.get(ANN.id)
    assert mallory is not None
    assert mallory.name == "Mallory usr_A Alice [8m"


async def test_who_is_known_already_is_read_whatever_the_rules_are() -> None:
    place = Place()
    odd = having(id="bob", name="B\x1b", accounts=tuple(at_acme("1", provider_id="") for _ in range(200)))
    await place.store.commit(puts=[put_user(odd)])

    assert await place.users.get("bob") == odd

    assert list(await place.users.page()) == [odd]
