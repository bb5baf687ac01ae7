"""Accounts that a real better-auth server lists: who came through one of them before is the same person."""

import logging
from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Authenticated
from tests.better_auth.subjects import Setting, open_setting, request_of
from tests.support.better_auth import BetterAuthServer, SignedIn

pytestmark = pytest.mark.peer

GOOGLE = "https://accounts.google.com"
GITHUB = "https://github.com"
ACME = "https://login.acme.example"


@pytest.fixture
async def setting(better_auth: BetterAuthServer) -> AsyncGenerator[Setting]:
    issuers = ("google", f"acme={ACME}")
    async with open_setting(better_auth, account_issuers=issuers) as setting:
        yield setting


async def _linked(setting: Setting, provider_id: str, account_id: str) -> SignedIn:
    person = await setting.people.sign_in()
    await setting.people.act(
        "account", userId=person.user_id, providerId=provider_id, accountId=account_id, scope="email,profile"
    )
    return person


async def _user_id(setting: Setting, person: SignedIn) -> str:
    outcome = await setting.backend.authenticate(request_of(person))
    assert isinstance(outcome, Authenticated), outcome
    return outcome.identity.user.id


async def _came_before(setting: Setting, issuer: str, subject: str) -> str:
    identity = ExternalIdentity(issuer=issuer, subject=subject, provider_id="before")
    return (await setting.users.resolve(identity)).id


@pytest.mark.parametrize(("provider_id", "issuer"), [("google", GOOGLE), ("acme", ACME)])
async def test_a_person_keeps_their_id_when_better_auth_takes_over(
    setting: Setting, provider_id: str, issuer: str
) -> None:
    before = await _came_before(setting, issuer, "subject-1")
    person = await _linked(setting, provider_id, "subject-1")

    assert await _user_id(setting, person) == before


async def test_an_account_is_known_here_when_the_person_comes_through_it_later(setting: Setting) -> None:
    person = await _linked(setting, "google", "subject-2")
    now = await _user_id(setting, person)

    assert await _came_before(setting, GOOGLE, "subject-2") == now


@pytest.mark.parametrize("provider_id", ["github", "microsoft", "gitlab", "something-of-their-own"])
async def test_an_account_that_the_operator_did_not_name_joins_nobody(
    setting: Setting, provider_id: str
) -> None:
    likely = {"github": GITHUB, "gitlab": "https://gitlab.com"}.get(provider_id, ACME)
    before = await _came_before(setting, likely, "subject-3")
    person = await _linked(setting, provider_id, "subject-3")

    assert await _user_id(setting, person) != before


@pytest.mark.parametrize(("named", "is_joined"), [((), False), (("google",), False), (("github",), True)])
async def test_an_account_at_a_known_provider_joins_only_where_the_operator_named_it(
    better_auth: BetterAuthServer, named: tuple[str, ...], is_joined: bool
) -> None:
    async with open_setting(better_auth, account_issuers=named) as setting:
        before = await _came_before(setting, GITHUB, "583231")
        person = await _linked(
            setting, "github", "583231"
        )  # as a user's own sso provider of that id leaves it

        assert (await _user_id(setting, person) == before) is is_joined


async def test_what_could_not_be_mapped_is_told_once(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for number in range(3):
        person = await _linked(setting, "of-their-own", f"subject-{number}")
        await _user_id(setting, person)

    told = [
        each.getMessage() for each in caplog.records if "BETTER_AUTH_ACCOUNT_ISSUERS" in each.getMessage()
    ]
    assert len(told) == 1
    assert "of-their-own" in told[0]


async def test_accounts_are_asked_for_at_first_contact_only(setting: Setting) -> None:
    person = await setting.people.sign_in()
    for _ in range(3):
        await _user_id(setting, person)

    asked = [request.url.path for request in setting.wire.requests]

    assert asked.count("/api/auth/list-accounts") == 1
    assert asked.count("/api/auth/get-session") == 3


async def test_a_first_contact_during_which_the_server_goes_away_is_an_outage(setting: Setting) -> None:
    person = await setting.people.sign_in()
    setting.wire.cut_at = "/api/auth/list-accounts"

    with pytest.raises(BackendUnavailableError):
        await setting.backend.authenticate(request_of(person))
