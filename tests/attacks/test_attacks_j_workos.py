"""Catalogue J1 and J2: tokens and sealed sessions of WorkOS that are somebody else's, damaged or over."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from cryptography.fernet import Fernet

from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealKind, SessionData
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.pretend_workos import KEY, OTHER_KEY, PretendWorkOS, open_pretend
from tests.workos.workos_desk import (
    PASSWORD,
    Desk,
    cookie_request,
    iron_cookie_until,
    open_desk,
    plain_cookie,
    python_cookie,
)

ALL_SEALS = "python,node,plain"
DOMAIN = "https://auth.acme.example"
INVALID = Anonymous(AnonymousReason.TOKEN_INVALID)


@pytest.fixture
async def pretend() -> AsyncGenerator[tuple[PretendWorkOS, WorkOSBackend]]:
    async with open_pretend() as pair:
        yield pair


@pytest.fixture
async def desk(workos_emulator: WorkOSEmulator) -> AsyncGenerator[Desk]:
    async with open_desk(workos_emulator, WORKOS_COOKIE_SEALS=ALL_SEALS) as desk:
        yield desk


def _bearer(token: str) -> AuthRequest:
    return AuthRequest(headers={"authorization": f"Bearer {token}"})


async def test_j1_a_token_without_an_audience_lets_its_person_in(
    pretend: tuple[PretendWorkOS, WorkOSBackend],
) -> None:
    workos, backend = pretend

    outcome = await backend.authenticate(_bearer(workos.token()))

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.email == "alice@acme.test"


@pytest.mark.parametrize(
    "claims",
    [
        {"client_id": "client_02"},
        {"client_id": None},
        {"client_id": None, "aud": "client_01"},
        {"iss": "https://api.workos.com/user_management/client_02"},
        {"iss": "https://api.workos.com/"},
        {"iss": None},
        {"iss": ["https://api.workos.com"]},
        {"sid": None},
        {"sid": "../users"},
        {"sub": ""},
        {"sub": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": 2_000_000_000},
        {"nbf": 2_000_000_000},
        {"sub_profile": "agent"},
        {"sub_type": "widget"},
        {"roles": {"admin": True}},
        {"permissions": [1]},
    ],
    ids=str,
)
async def test_j1_a_token_of_another_client_or_issuer_or_of_no_person_is_nobodys(
    pretend: tuple[PretendWorkOS, WorkOSBackend], claims: dict[str, Any]
) -> None:
    workos, backend = pretend

    outcome = await backend.authenticate(_bearer(workos.token(**claims)))

    assert outcome == INVALID
    assert workos.count("/sessions") == 0


async def test_j1_the_issuer_of_a_custom_domain_counts_only_if_it_is_configured(
    pretend: tuple[PretendWorkOS, WorkOSBackend],
) -> None:
    workos, backend = pretend
    refused = await backend.authenticate(_bearer(workos.token(iss=DOMAIN)))

    async with open_pretend(WORKOS_ISSUERS=DOMAIN) as (configured, other):
        outcome = await other.authenticate(_bearer(configured.token(iss=DOMAIN)))

    assert refused == INVALID
    assert isinstance(outcome, Authenticated)


async def test_j1_a_token_that_is_signed_by_nobody_published_is_nobodys(
    pretend: tuple[PretendWorkOS, WorkOSBackend],
) -> None:
    workos, backend = pretend
    forged = workos.token(key=OTHER_KEY, header={"kid": KEY.kid})

    assert await backend.authenticate(_bearer(forged)) == INVALID
    assert backend.tokens.recognise(_bearer(forged)) == INVALID


@pytest.mark.parametrize("header", [{"typ": "widget+jwt"}, {"jku": "https://evil.example/keys"}], ids=str)
async def test_j1_a_header_that_wants_something_else_is_refused(
    pretend: tuple[PretendWorkOS, WorkOSBackend], header: dict[str, str]
) -> None:
    workos, backend = pretend
    header_of_ours = {**header}

    outcome = await backend.authenticate(_bearer(workos.token(header=header_of_ours)))

    assert outcome == INVALID
    assert not [request for request in workos.requests if "evil" in str(request.url)]


async def test_j1_made_up_key_ids_make_us_ask_once(pretend: tuple[PretendWorkOS, WorkOSBackend]) -> None:
    workos, backend = pretend
    await backend.authenticate(_bearer(workos.token()))
    before = workos.count("/client_01")

    for number in range(20):
        forged = workos.token(key=OTHER_KEY, header={"kid": f"made-up-{number}"})
        assert await backend.authenticate(_bearer(forged)) == INVALID

    assert workos.count("/client_01") == before + 1


async def test_j1_a_new_key_is_followed_at_once(pretend: tuple[PretendWorkOS, WorkOSBackend]) -> None:
    workos, backend = pretend
    await backend.authenticate(_bearer(workos.token()))
    workos.keys = [OTHER_KEY]

    outcome = await backend.authenticate(_bearer(workos.token(key=OTHER_KEY)))

    assert isinstance(outcome, Authenticated)


@pytest.mark.peer
async def test_j2_a_cookie_of_every_sdk_lets_its_person_in(
    desk: Desk, workos_emulator: WorkOSEmulator
) -> None:
    signed_in = await desk.begin_session()
    camel = {
        "accessToken": signed_in["access_token"],
        "refreshToken": signed_in["refresh_token"],
        "user": {"id": signed_in["user"]["id"], "firstName": "Alice", "email": "alice@acme.test"},
    }
    node = await workos_emulator.node_sdk(
        "sealSessionDataFromAuthenticationResponse",
        {"authenticationResponse": camel, "cookiePassword": PASSWORD},
    )

    for cookie in (python_cookie(signed_in), node, plain_cookie(signed_in)):
        outcome = await desk.backend.authenticate(cookie_request(cookie))
        assert isinstance(outcome, Authenticated)
        assert outcome.identity.user.email == "alice@acme.test"


@pytest.mark.peer
async def test_j2_a_cookie_under_another_password_is_nobodys(
    desk: Desk, workos_emulator: WorkOSEmulator
) -> None:
    signed_in = await desk.begin_session()
    other = Fernet.generate_key().decode()
    camel = {"accessToken": signed_in["access_token"], "refreshToken": signed_in["refresh_token"]}
    node = await workos_emulator.node_sdk(
        "sealSessionDataFromAuthenticationResponse",
        {"authenticationResponse": camel, "cookiePassword": other},
    )

    for cookie in (python_cookie(signed_in, other), node):
        outcome = await desk.backend.authenticate(cookie_request(cookie))
        assert outcome == Anonymous(AnonymousReason.SEAL_UNOPENED)


@pytest.mark.parametrize(
    ("late", "is_over"), [(-61, False), (-59, False), (59, False), (60, True), (61, True)]
)
async def test_j2_a_seal_that_is_over_is_nobodys(
    pretend: tuple[PretendWorkOS, WorkOSBackend], late: int, *, is_over: bool
) -> None:
    workos, backend = pretend
    members = {"accessToken": workos.token(), "refreshToken": "r", "user": {"id": "user_01"}}
    seals = CookieSeals(PASSWORD, frozenset(SealKind), workos.clock)
    cookie = seals.seal(SessionData(SealKind.NODE, members))
    end = int((workos.clock.unix() - late) * 1000)

    outcome = await backend.authenticate(cookie_request(iron_cookie_until(cookie, end)))

    assert (outcome == Anonymous(AnonymousReason.SEAL_EXPIRED)) is is_over
    assert isinstance(outcome, Authenticated) is not is_over


async def test_j2_damaged_foreign_and_trailing_are_told_apart(
    pretend: tuple[PretendWorkOS, WorkOSBackend],
) -> None:
    workos, backend = pretend
    cookie = workos.cookie()
    cases = {
        cookie + "x": AnonymousReason.COOKIE_MALFORMED,
        cookie + cookie: AnonymousReason.COOKIE_MALFORMED,
        cookie[:-1]: AnonymousReason.COOKIE_MALFORMED,
        f"{cookie[:40]}{'A' if cookie[40] != 'A' else 'B'}{cookie[41:]}": AnonymousReason.SEAL_UNOPENED,
        workos.cookie(client_id="client_02"): AnonymousReason.TOKEN_INVALID,
    }

    outcomes = {value: await backend.authenticate(cookie_request(value)) for value in cases}

    assert outcomes == {value: Anonymous(reason) for value, reason in cases.items()}


async def test_j2_a_plain_cookie_beside_a_password_is_nobodys_unless_it_is_asked_for(
    pretend: tuple[PretendWorkOS, WorkOSBackend],
) -> None:
    workos, backend = pretend

    outcome = await backend.authenticate(cookie_request(plain_cookie(workos.signed_in())))

    assert outcome == Anonymous(AnonymousReason.SEAL_UNOPENED)


async def test_j2_a_plain_cookie_proves_no_more_than_its_token() -> None:
    async with open_pretend(WORKOS_COOKIE_SEALS=ALL_SEALS) as (workos, backend):
        forged = {**workos.signed_in(), "user": {**workos.user, "email": "admin@acme.test", "id": "user_02"}}

        outcome = await backend.authenticate(cookie_request(plain_cookie(forged)))

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.email == "alice@acme.test"
