"""Catalogue D5 with a cookie domain: what every line says, and what a sibling gains by tossing cookies."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.attacks.opening import open_world
from tests.attacks.world import SIGNOUT, World
from tests.support.auth_api import PREFIX
from tests.support.cookie_jar import SetCookie, parse_set_cookie
from tests.support.web_browser import WebBrowser

DOMAIN = "acme.example"
OURS, OF_BEFORE = "__Secure-netscript-session", "__Host-netscript-session"
SIBLING = httpx.URL("https://blog.acme.example/")


@pytest.fixture
async def shared() -> AsyncIterator[World]:
    async with open_world(COOKIE_DOMAIN=DOMAIN) as world:
        yield world


async def _token_of_an_attacker(world: World) -> str:
    attacker = world.browser()
    await world.sign_in(attacker, "bob")
    return str(attacker.jar.value(OURS))


def _domains_of(cookie: SetCookie) -> set[str | None]:
    """Where a cookie may be: it is taken away from wherever it could have been left."""
    if cookie.name != OURS:
        return {None}
    return {DOMAIN, "auth.acme.example", None} if cookie.is_deletion else {DOMAIN}


async def _reason(browser: WebBrowser) -> str:
    reason: str = (await browser.fetch(f"{PREFIX}/me")).json()["reason"]
    return reason


async def test_d5_with_a_domain_the_session_cookie_alone_has_it_and_all_else_of_the_policy() -> None:
    async with open_world(COOKIE_DOMAIN=DOMAIN) as world:
        browser = world.browser()
        await world.sign_in(browser)
        await browser.submit(SIGNOUT, [])

        lines = [line for answer in browser.answers for line in answer.headers.get_list("set-cookie")]

    cookies = [parse_set_cookie(line) for line in lines]
    assert {cookie.is_deletion for cookie in cookies if cookie.name == OURS} == {True, False}
    assert any(cookie.name.startswith("__Host-") for cookie in cookies)
    for cookie in cookies:
        assert cookie.is_small_enough
        assert cookie.keeps_its_prefix
        own = cookie.attributes.keys() - {"max-age", "expires", "domain"}
        assert own == {"secure", "httponly", "path", "samesite"}
        assert (cookie.attributes["path"], cookie.attributes["samesite"]) == ("/", "Lax")
        assert cookie.attributes.get("domain") in _domains_of(cookie)


async def test_d5_a_second_session_cookie_signs_nobody_in_and_goes_with_the_next_sign_in(
    shared: World,
) -> None:
    victim, token = shared.browser(), await _token_of_an_attacker(shared)
    await shared.sign_in(victim)
    victim.jar.plant("https://auth.acme.example", OF_BEFORE, token)

    reason = await _reason(victim)

    assert reason == "cookie_ambiguous"
    await shared.sign_in(victim)
    assert await shared.who(victim) == "Alice Example"
    assert victim.jar.names(OF_BEFORE) == []


async def test_d5_a_cookie_tossed_with_a_path_makes_nobody_of_its_person_and_never_somebody_else(
    shared: World,
) -> None:
    victim, token = shared.browser(), await _token_of_an_attacker(shared)
    await shared.sign_in(victim)

    tossed = victim.jar.take(SIBLING, f"{OURS}={token}; Domain={DOMAIN}; Path={PREFIX}; Secure")

    assert tossed
    assert await _reason(victim) == "cookie_ambiguous"


async def test_d5_without_a_domain_a_tossed_cookie_is_not_looked_at_and_goes_with_the_sign_out() -> None:
    async with open_world() as world:
        victim = world.browser()
        await world.sign_in(victim)
        tossed = victim.jar.take(SIBLING, f"{OURS}=anything; Domain={DOMAIN}; Path=/; Secure")
        before = await world.who(victim)

        await victim.submit(SIGNOUT, [])

        assert tossed
        assert before == "Alice Example"
        assert victim.jar.names(OURS) == []
