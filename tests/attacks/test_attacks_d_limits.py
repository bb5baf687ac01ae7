"""Catalogue D2, D6 and D9: when a session is over."""

from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import SessionEndedError
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.signed_in import IN, OUT, SignedIn
from tests.attacks.world import IDLE_TTL, TTL, World
from tests.support.auth_api import PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("offset", [-SECOND, timedelta(0), SECOND], ids=str)
@pytest.mark.parametrize("limit", [IDLE_TTL, TTL], ids=["idle", "absolute"])
async def test_d2_every_endpoint_agrees_on_the_second_at_which_a_session_ends(
    world: World, victim: WebBrowser, limit: timedelta, offset: timedelta
) -> None:
    await world.sign_in(victim)
    thief, begun = world.thief(victim), world.clock.now()
    while limit == TTL and world.clock.now() < begun + TTL - IDLE_TTL:
        await _use(world, thief, timedelta(hours=23))
    world.clock.set(begun + limit + offset)

    signed_in = SignedIn(world, str(thief.jar.value(SESSION_COOKIE)), "")
    outcome = await signed_in.read_with(f"{SESSION_COOKIE}={signed_in.token}".encode())
    page = await thief.open("/account")

    assert outcome == (IN if offset < timedelta(0) else OUT)
    assert ("Alice Example" in page.text) == (offset < timedelta(0))


async def test_d6_use_moves_the_idle_limit_on_but_never_the_absolute_one(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    thief, begun, seen = world.thief(victim), world.clock.now(), timedelta(0)

    while await world.who(thief) is not None:
        seen = world.clock.now() - begun
        await _use(world, thief, timedelta(minutes=90))

    assert TTL - timedelta(minutes=90) <= seen < TTL


async def test_d6_nothing_revives_a_session_that_is_over(victim: WebBrowser, world: World) -> None:
    await world.sign_in(victim)
    thief, handle = world.thief(victim), await world.handle(victim)
    world.clock.advance(IDLE_TTL)

    for _ in range(3):
        await _use(world, thief, SECOND)
    with pytest.raises(SessionEndedError):
        await world.backend.sessions.refresh(handle)
    await world.settle()

    assert await world.who(thief) is None


async def test_d6_a_provider_that_refreshes_for_ever_keeps_nobody_in_beyond_the_limit() -> None:
    async with open_world(scopes=OFFLINE) as world:
        browser = world.browser()
        await world.sign_in(browser)
        thief, handle = world.thief(browser), await world.handle(browser)
        for _ in range(7 * 24 // 8 - 1):
            await _use(world, thief, timedelta(hours=8))
            await world.backend.sessions.refresh(handle)
        assert await world.who(thief) == "Alice Example"

        world.clock.advance(timedelta(hours=8))

        assert await world.who(thief) is None
        with pytest.raises(SessionEndedError):
            await world.backend.sessions.refresh(handle)


async def test_d9_sessions_that_an_operator_ends_are_over_with_the_next_read_on_every_worker(
    world: World, victim: WebBrowser
) -> None:
    other = await world.add_worker()
    await world.sign_in(victim)
    copy = world.thief(victim, other)
    user_id = (await victim.fetch(f"{PREFIX}/me")).json()["user"]["id"]

    await world.backends[1].sessions.revoke_all_for_user(user_id)

    reads = [await browser.fetch(f"{PREFIX}/session") for browser in (victim, copy)]
    assert [read.json() for read in reads] == [{"authenticated": False, "reason": "session_revoked"}] * 2


async def test_d9_a_grant_that_the_provider_ended_ends_the_session_when_it_is_to_be_refreshed() -> None:
    async with open_world(scopes=OFFLINE) as world:
        browser = world.browser()
        await world.sign_in(browser)
        handle = await world.handle(browser)
        over = httpx.Response(400, json={"error": "invalid_grant"})
        world.wire.answer = lambda request: over if request.url.path == "/token" else None

        with pytest.raises(SessionEndedError):
            await world.backend.sessions.refresh(handle)

        answer = await browser.fetch(f"{PREFIX}/me")
        assert answer.json() == {"authenticated": False, "reason": "session_revoked"}


async def _use(world: World, browser: WebBrowser, after: timedelta) -> None:
    """Let time pass, read, and wait until the use is recorded."""
    world.clock.advance(after)
    await browser.fetch(f"{PREFIX}/session")
    await world.settle()
