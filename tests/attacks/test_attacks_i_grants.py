"""Catalogue I4: what a provider answers to a refresh, and what becomes of the session."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import expect_no_secret, secrets_of
from tests.attacks.world import World
from tests.support.web_browser import WebBrowser


@pytest.fixture
async def offline() -> AsyncGenerator[World]:
    async with open_world(scopes=OFFLINE) as world:
        yield world


@pytest.mark.parametrize("status", [400, 401, 200])
async def test_i4_a_grant_that_is_over_ends_the_session_however_that_is_told(
    offline: World, status: int
) -> None:
    browser, handle = await _sign_in(offline)
    _answer(offline, httpx.Response(status, json={"error": "invalid_grant"}))

    with pytest.raises(SessionEndedError):
        await offline.backend.sessions.refresh(handle)

    assert await offline.who(browser) is None
    assert [event.reason for event in offline.events.taken if event.name is EventName.SESSION_REVOKED] == [
        "invalid_grant"
    ]


OUTAGES: dict[str, httpx.Response | httpx.TransportError] = {
    "503": httpx.Response(503),
    "500 that says invalid_grant": httpx.Response(500, json={"error": "invalid_grant"}),
    "429": httpx.Response(429),
    "temporarily_unavailable": httpx.Response(400, json={"error": "temporarily_unavailable"}),
    "a page": httpx.Response(200, html="<p>Maintenance: invalid_grant"),
    "nothing": httpx.Response(200),
    "a redirect": httpx.Response(302, headers={"location": "https://evil.example/token"}),
    "no answer": httpx.ReadTimeout("no answer"),
    "a reset": httpx.ReadError("reset"),
}
REGISTRATION = ("invalid_client", "unauthorized_client", "invalid_request", "unsupported_grant_type", "x")


@pytest.mark.parametrize("name", OUTAGES)
async def test_i4_a_provider_that_is_away_ends_no_session(offline: World, name: str) -> None:
    browser, handle = await _sign_in(offline)
    _answer(offline, OUTAGES[name])

    with pytest.raises(BackendUnavailableError):
        await offline.backend.sessions.refresh(handle)

    assert await offline.who(browser) == "Alice Example"
    offline.wire.answer = lambda _: None
    offline.clock.advance(LEASE)
    await offline.backend.sessions.refresh(handle)
    assert await offline.who(browser) == "Alice Example", "and the grant is as good as before"


@pytest.mark.parametrize("error", REGISTRATION)
async def test_i4_a_refusal_that_is_about_us_ends_no_session_and_alarms_the_operator(
    offline: World, error: str
) -> None:
    browser, handle = await _sign_in(offline)
    before = len(offline.log.texts)
    _answer(offline, httpx.Response(401, json={"error": error}))

    with pytest.raises(BackendUnavailableError):
        await offline.backend.sessions.refresh(handle)

    assert await offline.who(browser) == "Alice Example"
    told = offline.log.texts[before:]
    assert [text for text in told if "refuses to refresh" in text and "'levelname': 'ERROR'" in text]
    expect_no_secret(secrets_of(offline), told, "the log")


async def _sign_in(world: World) -> tuple[WebBrowser, str]:
    browser = world.browser()
    await world.sign_in(browser)
    return browser, await world.handle(browser)


def _answer(world: World, made: httpx.Response | httpx.TransportError) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/token":
            return None
        if isinstance(made, httpx.TransportError):
            raise made
        return made

    world.wire.answer = answer
