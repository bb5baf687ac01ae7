"""Who asks: by cookie, by access token, or by both; and what is found out of them."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Identity
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.testing.conformance.upstream_cookies import with_cookies
from netscript_auth_workos.backend import WorkOSBackend
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.pretend_workos import PretendWorkOS, answers, open_pretend
from tests.workos.workos_desk import (
    COOKIE,
    Desk,
    bearer_request,
    cookie_request,
    open_desk,
    python_cookie,
)

Pair = tuple[PretendWorkOS, WorkOSBackend]
AMBIGUOUS = Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)


@pytest.fixture
async def pretend() -> AsyncGenerator[Pair]:
    async with open_pretend() as pair:
        yield pair


@pytest.fixture
async def desk(workos_emulator: WorkOSEmulator) -> AsyncGenerator[Desk]:
    async with open_desk(workos_emulator) as desk:
        yield desk


async def _identity(backend: WorkOSBackend, request: AuthRequest) -> Identity:
    outcome = await backend.authenticate(request)
    assert isinstance(outcome, Authenticated), outcome
    return outcome.identity


async def _later(desk: Desk, request: AuthRequest) -> AuthRequest:
    outcome = await desk.backend.authenticate(request)
    assert isinstance(outcome, Authenticated), outcome
    return with_cookies(request, outcome.cookies)


def _both(cookie: str, token: str) -> AuthRequest:
    return AuthRequest(headers={"cookie": f"{COOKIE}={cookie}", "authorization": f"Bearer {token}"})


@pytest.mark.peer
async def test_a_cookie_and_a_token_lead_to_the_same_person(desk: Desk) -> None:
    by_token = await _identity(desk.backend, bearer_request(await desk.begin_session()))

    by_cookie = await _identity(desk.backend, await desk.visit())

    assert by_token.user.id == by_cookie.user.id
    assert by_token.session.handle != by_cookie.session.handle


@pytest.mark.peer
async def test_of_a_person_who_comes_with_a_token_alone_workos_is_asked_once(desk: Desk) -> None:
    request = bearer_request(await desk.begin_session())
    identity = await _identity(desk.backend, request)
    asked = len(desk.wire.requests)

    again = await _identity(desk.backend, request)

    assert (identity.user.name, identity.user.email) == ("Alice Acme", "alice@acme.test")
    assert again == identity
    assert len(desk.wire.requests) == asked


@pytest.mark.peer
async def test_a_person_keeps_name_and_address_in_long_use(desk: Desk) -> None:
    request = bearer_request(await desk.begin_session())
    first = await _identity(desk.backend, request)
    cookie = await desk.visit()
    for _ in range(3):
        desk.clock.advance(timedelta(minutes=6))
        cookie = await _later(desk, cookie)

    later = await _identity(desk.backend, cookie)

    assert later.user == first.user


@pytest.mark.peer
async def test_an_account_that_workos_lists_as_the_persons_leads_to_the_same_user(
    workos_emulator: WorkOSEmulator,
) -> None:
    listed = [
        {"provider": "GoogleOAuth", "provider_id": "google-subject", "type": "OAuth"},
        {"provider": "GithubOAuth", "provider_id": "4711", "type": "OAuth"},
        {"provider": "MicrosoftOAuth", "provider_id": "pairwise", "type": "OAuth"},
    ]
    async with open_desk(workos_emulator, identities=listed) as desk:
        by_google = ExternalIdentity(
            issuer="https://accounts.google.com", subject="google-subject", provider_id="google"
        )
        before = await desk.users.resolve(by_google)

        identity = await _identity(desk.backend, await desk.visit())

    accounts = {(each.issuer, each.subject) for each in identity.user.accounts}
    assert identity.user.id == before.id
    assert ("https://github.com", "4711") in accounts
    assert "pairwise" not in {subject for _, subject in accounts}


@pytest.mark.peer
@pytest.mark.parametrize("which", ["act", "role", "roles"])
async def test_what_a_token_says_of_its_person_is_kept_or_refused(
    workos_emulator: WorkOSEmulator, which: str
) -> None:
    claims: dict[str, dict[str, object]] = {
        "act": {"act": {"sub": "admin@acme.test"}},
        "role": {"role": "member", "permissions": ["posts:read", "role:admin"], "org_id": "org_01"},
        "roles": {"role": "member", "roles": ["member", "admin"]},
    }
    async with open_desk(workos_emulator, claims=claims[which]) as desk:
        outcome = await desk.backend.authenticate(await desk.visit())

    if which == "act":
        assert outcome == Denied(DenialReason.IMPERSONATION)
        return
    assert isinstance(outcome, Authenticated)
    principal = desk.backend.principals.principal(outcome.identity.session)
    assert principal.roles == (("member",) if which == "role" else ("member", "admin"))
    assert principal.scopes == (("posts:read", "organization:org_01") if which == "role" else ())


async def test_a_session_that_somebody_of_the_dashboard_began_is_refused(pretend: Pair) -> None:
    workos, backend = pretend
    impersonated = {**workos.session, "impersonator": {"email": "admin@acme.test", "reason": "support"}}
    listed = {"object": "list", "data": [impersonated], "list_metadata": {"before": None, "after": None}}
    workos.overrides["/sessions"] = answers(listed)

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert outcome == Denied(DenialReason.IMPERSONATION)


async def test_a_session_of_the_dashboard_is_neither_listed_nor_met_by_a_list(pretend: Pair) -> None:
    workos, backend = pretend
    impersonator = {"email": "admin@acme.test", "reason": "support"}
    listed = [workos.session, {**workos.session, "id": "session_02", "impersonator": impersonator}]
    workos.overrides["/sessions"] = answers({"data": listed, "list_metadata": {}})
    identity = await _identity(backend, cookie_request(workos.cookie()))

    sessions = await backend.sessions.list_for_user(identity.user.id)

    assert [each.handle for each in sessions] == ["session_01"]
    assert await backend.sessions.get("session_02") is None
    outcome = await backend.authenticate(cookie_request(workos.cookie(sid="session_02")))
    assert outcome == Denied(DenialReason.IMPERSONATION)


async def test_a_session_that_workos_does_not_list_is_revoked_before_its_token_is_over(pretend: Pair) -> None:
    workos, backend = pretend
    workos.overrides["/sessions"] = answers(
        {"object": "list", "data": [], "list_metadata": {"before": None, "after": None}}
    )

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert outcome == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_two_cookies_of_that_name_are_nobodys(pretend: Pair) -> None:
    workos, backend = pretend
    cookie = workos.cookie()
    request = AuthRequest(headers={"cookie": f"{COOKIE}={cookie}; a=b; {COOKIE}={cookie}"})

    assert await backend.authenticate(request) == AMBIGUOUS
    assert backend.tokens.recognise(request) == AMBIGUOUS


async def test_cookie_and_token_of_one_session_are_its_persons(pretend: Pair) -> None:
    workos, backend = pretend

    identity = await _identity(backend, _both(workos.cookie(), workos.token()))

    assert identity.session.handle == "session_01"


async def test_cookie_and_token_of_different_sessions_are_nobodys(pretend: Pair) -> None:
    workos, backend = pretend
    request = _both(workos.cookie(), workos.token(sid="session_02"))

    assert await backend.authenticate(request) == AMBIGUOUS
    assert backend.tokens.recognise(request) == AMBIGUOUS


async def test_a_cookie_with_the_token_of_one_and_the_name_of_another_is_nobodys(pretend: Pair) -> None:
    workos, backend = pretend
    cookie = python_cookie({**workos.signed_in(), "user": {**workos.user, "id": "user_02"}})

    assert await backend.authenticate(cookie_request(cookie)) == Anonymous(AnonymousReason.TOKEN_INVALID)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Basic YTpi", AnonymousReason.NO_SESSION),
        ("Bearer", AnonymousReason.TOKEN_INVALID),
        ("Bearer a b", AnonymousReason.TOKEN_INVALID),
        ("Bearer a, Bearer b", AnonymousReason.TOKEN_INVALID),
        ("bearer a.b.c", AnonymousReason.TOKEN_INVALID),
        ("Bearerx", AnonymousReason.NO_SESSION),
    ],
)
async def test_a_header_that_is_no_token_is_nobodys(
    pretend: Pair, header: str, reason: AnonymousReason
) -> None:
    _, backend = pretend

    assert await backend.authenticate(AuthRequest(headers={"authorization": header})) == Anonymous(reason)


async def test_a_token_that_does_not_say_when_its_person_signed_in_will_do(pretend: Pair) -> None:
    workos, backend = pretend

    identity = await _identity(backend, cookie_request(workos.cookie(auth_time=None)))

    assert identity.session.handle == "session_01"


async def test_a_token_that_lives_longer_than_declared_is_over_when_declared(pretend: Pair) -> None:
    workos, backend = pretend
    request = AuthRequest(headers={"authorization": f"Bearer {workos.token(exp=4_000_000_000)}"})
    await _identity(backend, request)
    workos.clock.advance(backend.capabilities.revocation_lag)

    outcome = await backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.SESSION_EXPIRED)


async def test_a_made_up_token_names_no_session_to_sign_out_of(pretend: Pair) -> None:
    workos, backend = pretend
    await _identity(backend, cookie_request(workos.cookie()))
    header, payload, signature = workos.token().split(".")
    forged = f"{header}.{payload}.{signature[:-4]}AAAA"

    named = backend.tokens.recognise(AuthRequest(headers={"authorization": f"Bearer {forged}"}))

    assert named == Anonymous(AnonymousReason.TOKEN_INVALID)


async def test_before_the_keys_are_there_nobody_says_which_session_it_is(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())

    with pytest.raises(BackendUnavailableError):
        backend.tokens.recognise(request)
    await backend.aclose()

    assert backend.tokens.recognise(request) == "session_01"


@settings(max_examples=30)
@given(st.text(st.characters(codec="latin-1"), max_size=60))
async def test_no_neighbouring_cookie_disturbs_ours(neighbour: str) -> None:
    async with open_pretend() as (workos, backend):
        text = neighbour.replace(COOKIE, "")
        request = AuthRequest(headers={"cookie": f"{text}; {COOKIE}={workos.cookie()}; {text}"})

        assert (await _identity(backend, request)).session.handle == "session_01"
