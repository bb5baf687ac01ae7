"""Sessions whose access token is over: renewed once, and given back in the form in which they came."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import anyio
import pytest
from workos.session import unseal_data

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Outcome
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing.conformance.upstream_cookies import with_cookies
from netscript_auth_workos.backend import WorkOSBackend
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.workos_desk import (
    AUTHENTICATE,
    COOKIE,
    PASSWORD,
    Desk,
    bearer_request,
    cookie_request,
    open_desk,
    plain_cookie,
    python_cookie,
)

pytestmark = pytest.mark.peer

LIFE = timedelta(minutes=5)


@pytest.fixture
async def desk(workos_emulator: WorkOSEmulator) -> AsyncGenerator[Desk]:
    async with open_desk(workos_emulator, WORKOS_COOKIE_SEALS="python,node,plain") as desk:
        yield desk


async def _ask_all(backends: list[WorkOSBackend], request: AuthRequest) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def ask(backend: WorkOSBackend) -> None:
        outcomes.append(await backend.authenticate(request))

    async with anyio.create_task_group() as requests:
        for backend in backends:
            requests.start_soon(ask, backend)
    return outcomes


def _cookie_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Authenticated)
    (line,) = outcome.cookies
    return line.partition(";")[0].removeprefix(f"{COOKIE}=")


async def _node_cookie(emulator: WorkOSEmulator, signed_in: dict[str, Any]) -> str:
    camel = {
        "accessToken": signed_in["access_token"],
        "refreshToken": signed_in["refresh_token"],
        "user": {"id": signed_in["user"]["id"], "firstName": "Alice"},
    }
    wish = {"authenticationResponse": camel, "cookiePassword": PASSWORD}
    cookie: str = await emulator.node_sdk("sealSessionDataFromAuthenticationResponse", wish)
    return cookie


async def test_until_its_access_token_is_over_a_session_is_not_renewed(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE - timedelta(seconds=1))

    outcome = await desk.backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    assert outcome.cookies == ()
    assert desk.wire.count(AUTHENTICATE) == 0


async def test_the_python_sdk_opens_the_renewed_cookie(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(request)

    data = unseal_data(_cookie_of(outcome), PASSWORD)
    assert data["refresh_token"] != desk.signed_in[0]["refresh_token"]
    assert data["user"]["email"] == "alice@acme.test"


async def test_the_node_sdk_opens_the_renewed_cookie(desk: Desk, workos_emulator: WorkOSEmulator) -> None:
    cookie = await _node_cookie(workos_emulator, await desk.begin_session())
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(cookie_request(cookie))

    wish = {"sessionData": _cookie_of(outcome), "cookiePassword": PASSWORD}
    data = await workos_emulator.node_sdk("getSessionFromCookie", wish)
    assert data["refreshToken"] != desk.signed_in[0]["refresh_token"]
    assert (data["user"]["firstName"], data["user"]["emailVerified"]) == ("Alice", True)


async def test_a_plain_cookie_is_renewed_too(desk: Desk) -> None:
    request = cookie_request(plain_cookie(await desk.begin_session()))
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    again = await desk.backend.authenticate(with_cookies(request, outcome.cookies))
    assert isinstance(again, Authenticated)
    assert desk.wire.count(AUTHENTICATE) == 1


async def test_the_renewed_cookie_is_for_browsers_over_https_only(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    (line,) = outcome.cookies
    left = int((outcome.identity.session.expires_at - desk.clock.now()).total_seconds())
    assert line.partition("; ")[2] == f"Max-Age={left}; Path=/; Secure; HttpOnly; SameSite=Lax"


async def test_the_renewed_cookie_has_the_configured_domain(workos_emulator: WorkOSEmulator) -> None:
    async with open_desk(workos_emulator, WORKOS_COOKIE_DOMAIN="acme.example") as desk:
        request = await desk.visit()
        desk.clock.advance(LIFE)

        outcome = await desk.backend.authenticate(request)

    assert isinstance(outcome, Authenticated)
    assert "; Domain=acme.example;" in outcome.cookies[0]


async def test_fifty_requests_at_once_spend_the_refresh_token_once(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)

    outcomes = await _ask_all([desk.backend] * 50, request)

    assert len([each for each in outcomes if isinstance(each, Authenticated)]) == 50
    assert desk.wire.count(AUTHENTICATE) == 1


async def test_two_instances_on_one_store_spend_the_refresh_token_once(desk: Desk) -> None:
    request, other = await desk.visit(), desk.open()
    desk.clock.advance(LIFE)

    outcomes = await _ask_all([desk.backend, other] * 10, request)
    await other.aclose()

    assert len({unseal_data(_cookie_of(each), PASSWORD)["refresh_token"] for each in outcomes}) == 1
    assert desk.wire.count(AUTHENTICATE) == 1


async def test_a_request_with_the_old_cookie_gets_the_same_successor_for_the_life_of_a_token(
    desk: Desk,
) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)
    first = await desk.backend.authenticate(request)
    desk.clock.advance(LIFE - timedelta(seconds=1))

    late = await desk.backend.authenticate(request)

    tokens = [unseal_data(_cookie_of(each), PASSWORD)["refresh_token"] for each in (first, late)]
    assert tokens[0] == tokens[1]
    assert desk.wire.count(AUTHENTICATE) == 1


async def test_an_old_cookie_is_worth_nothing_afterwards_and_the_session_goes_on(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)
    renewed = await desk.backend.authenticate(request)
    desk.clock.advance(LIFE)

    stale = await desk.backend.authenticate(request)

    assert stale == Anonymous(AnonymousReason.SESSION_EXPIRED)
    assert isinstance(stale, Anonymous)
    assert stale.cookies == ()
    newest = cookie_request(_cookie_of(renewed))
    assert isinstance(await desk.backend.authenticate(newest), Authenticated)


async def test_a_session_that_was_ended_at_workos_is_revoked_and_its_cookie_taken_away(desk: Desk) -> None:
    request = await desk.visit()
    assert isinstance(await desk.backend.authenticate(request), Authenticated)
    await desk.environment.end_sessions("alice")
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.SESSION_REVOKED)
    assert isinstance(outcome, Anonymous)
    assert outcome.cookies == (f"{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax",)


async def test_while_workos_is_away_the_cookie_is_left_alone(desk: Desk) -> None:
    request = await desk.visit()
    await desk.backend.authenticate(request)
    desk.clock.advance(LIFE)

    async with desk.wire.outage():
        with pytest.raises(BackendUnavailableError):
            await desk.backend.authenticate(request)

    assert isinstance(await desk.backend.authenticate(request), Authenticated)


async def test_a_caller_who_goes_away_loses_no_renewed_session(desk: Desk) -> None:
    request = await desk.visit()
    desk.clock.advance(LIFE)

    async with desk.wire.paused_refresh() as pause:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as requests:
                requests.start_soon(desk.backend.authenticate, request)
                await pause.reached()
                scope.cancel()
        pause.release()

    assert isinstance(await desk.backend.authenticate(request), Authenticated)
    assert desk.wire.count(AUTHENTICATE) == 1


async def test_an_access_token_alone_is_not_renewed(desk: Desk) -> None:
    request = bearer_request(await desk.begin_session())
    assert isinstance(await desk.backend.authenticate(request), Authenticated)
    desk.clock.advance(LIFE)

    outcome = await desk.backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.SESSION_EXPIRED)
    assert desk.wire.count(AUTHENTICATE) == 0


async def test_a_cookie_with_the_tokens_of_two_people_is_nobodys(desk: Desk) -> None:
    alice, bob = await desk.begin_session("alice"), await desk.begin_session("bob")
    mixed = {**alice, "refresh_token": bob["refresh_token"]}
    desk.clock.advance(LIFE)

    for cookie in (python_cookie(mixed), plain_cookie(mixed)):
        outcome = await desk.backend.authenticate(cookie_request(cookie))
        assert outcome == Anonymous(AnonymousReason.TOKEN_INVALID)
