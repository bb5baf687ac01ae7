"""A refresh token is good once: what may fail is done before it is spent, and its successor is never lost."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, Denied
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.testing.conformance.upstream_cookies import with_cookies
from netscript_auth_workos.backend import WorkOSBackend
from tests.workos.pretend_workos import NOT_FOUND, PretendWorkOS, answers, open_pretend
from tests.workos.workos_desk import cookie_request, plain_cookie, python_cookie

Pair = tuple[PretendWorkOS, WorkOSBackend]
LIFE = timedelta(minutes=5)
AUTHENTICATE = "/authenticate"
IMPERSONATOR = {"email": "admin@acme.test", "reason": "support"}


@pytest.fixture
async def pretend() -> AsyncGenerator[Pair]:
    async with open_pretend(WORKOS_COOKIE_SEALS="python,plain") as pair:
        yield pair


@pytest.mark.parametrize("told_by", ["token", "cookie", "list"])
async def test_the_session_of_an_impersonator_is_refused_and_not_renewed(pretend: Pair, told_by: str) -> None:
    workos, backend = pretend
    claims = {"act": {"sub": "admin@acme.test"}} if told_by == "token" else {}
    member = {"impersonator": IMPERSONATOR} if told_by == "cookie" else {}
    if told_by == "list":
        listed = [{**workos.session, "impersonator": IMPERSONATOR}]
        workos.overrides["/sessions"] = answers({"data": listed, "list_metadata": {}})
    request = cookie_request(python_cookie({**workos.signed_in(**claims), **member}))
    workos.clock.advance(LIFE)

    outcome = await backend.authenticate(request)

    assert outcome == Denied(DenialReason.IMPERSONATION)
    assert workos.count(AUTHENTICATE) == 0


@pytest.mark.parametrize("path", ["/sessions", "/users/user_01", "/identities"])
async def test_what_first_contact_needs_is_asked_before_a_token_is_spent(pretend: Pair, path: str) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    workos.overrides[path] = answers({"message": "Too many"}, 429)

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)

    assert workos.count(AUTHENTICATE) == 0
    del workos.overrides[path]
    assert isinstance(await backend.authenticate(request), Authenticated)


async def test_a_person_met_by_an_old_cookie_is_who_workos_says_now(pretend: Pair) -> None:
    workos, backend = pretend
    old = python_cookie({**workos.signed_in(), "user": {**workos.user, "email": "before@acme.test"}})
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = answers({"error": "invalid_grant"}, 400)

    await backend.authenticate(cookie_request(old))

    del workos.overrides[AUTHENTICATE]
    outcome = await backend.authenticate(cookie_request(workos.cookie()))
    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.email == "alice@acme.test"


async def test_a_session_that_cannot_be_noted_any_more_is_renewed_nevertheless(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    renewal = {**workos.signed_in(role="admin"), "refresh_token": "refresh-two"}
    workos.overrides[AUTHENTICATE] = answers(renewal)

    async with workos.store_that_fails_after(AUTHENTICATE):
        outcome = await backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.session.scopes == ("role:admin",)
    assert isinstance(await backend.authenticate(with_cookies(request, outcome.cookies)), Authenticated)
    assert workos.count(AUTHENTICATE) == 1


async def test_the_successor_is_known_for_as_long_as_an_access_token_lives(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    first = await backend.authenticate(request)
    workos.clock.advance(LIFE - timedelta(seconds=1))

    late = await backend.authenticate(request)

    assert isinstance(first, Authenticated)
    assert isinstance(late, Authenticated)
    assert workos.count(AUTHENTICATE) == 1


async def test_a_successor_that_is_over_already_is_renewed_in_its_turn(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    spent: list[bytes] = []

    def renew(asked: httpx.Request) -> httpx.Response:
        spent.append(asked.content)
        token = workos.token(exp=int(workos.clock.unix()) + 60)
        body = {"access_token": token, "refresh_token": f"refresh-{len(spent)}", "user": workos.user}
        return httpx.Response(200, json=body)

    workos.overrides[AUTHENTICATE] = renew
    await backend.authenticate(request)
    workos.clock.advance(timedelta(minutes=2))

    outcome = await backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    assert len(spent) == 2
    assert b"refresh-1" in spent[1]


async def test_a_renewal_that_cannot_be_believed_goes_back_to_the_application(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(plain_cookie(workos.signed_in()))
    workos.clock.advance(LIFE)
    foreign = {**workos.signed_in(iss="https://auth.acme.example"), "refresh_token": "refresh-two"}
    workos.overrides[AUTHENTICATE] = answers(foreign)

    outcome = await backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.TOKEN_INVALID)
    assert isinstance(outcome, Anonymous)
    assert "refresh-two" in outcome.cookies[0]


async def test_an_impersonator_who_is_seen_in_the_renewed_token_gets_its_cookie_and_is_not_renewed_again(
    pretend: Pair,
) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    renewal = {**workos.signed_in(act={"sub": "admin@acme.test"}), "refresh_token": "refresh-two"}
    workos.overrides[AUTHENTICATE] = answers(renewal)

    outcome = await backend.authenticate(request)

    assert outcome == Denied(DenialReason.IMPERSONATION)
    assert isinstance(outcome, Denied)
    again = await backend.authenticate(with_cookies(request, outcome.cookies))
    assert outcome.cookies != ()
    assert again == outcome
    assert workos.count(AUTHENTICATE) == 1


async def test_a_renewal_of_another_session_is_given_to_nobody(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(plain_cookie(workos.signed_in()))
    workos.clock.advance(LIFE)
    workos.overrides[AUTHENTICATE] = answers(
        {**workos.signed_in(sid="session_02"), "refresh_token": "refresh-two"}
    )

    outcome = await backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.TOKEN_INVALID)
    assert isinstance(outcome, Anonymous)
    assert outcome.cookies == ()


async def test_an_old_cookie_of_a_session_that_was_never_met_is_over_and_not_revoked(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    workos.clock.advance(LIFE)
    workos.overrides["/sessions"] = NOT_FOUND

    outcome = await backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.SESSION_EXPIRED)
    assert isinstance(outcome, Anonymous)
    assert outcome.cookies == ()
    assert workos.count(AUTHENTICATE) == 0
