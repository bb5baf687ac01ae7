"""Catalogue C7, the time of the sign-in: who has to sign in again cannot be remembered instead."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.attacks.id_tokens import hand_out_claims
from tests.attacks.oracle import refused
from tests.attacks.world import SIGNIN, World
from tests.support.auth_api import PREFIX, PUBLIC_URL
from tests.support.web_browser import WebBrowser

M = Misbehaviour
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SKEW = int(CLOCK_SKEW.total_seconds())


async def _session(browser: WebBrowser) -> dict[str, str]:
    answer = await browser.fetch(f"{PREFIX}/session")
    session: dict[str, str] = answer.json()["session"]
    return session


async def _refused_again(
    world: World, browser: WebBrowser, reason: str, max_age: str = "300", *, person: str = "alice"
) -> None:
    """Sign in with an age, be refused as it must be, and stay who one was."""
    before = await _session(browser)
    callback = await world.agree(browser, person, maxAge=max_age)
    await refused(world, world.come_back(browser, callback), 403, reason)
    assert await _session(browser) == before


UNPROVEN: dict[Misbehaviour, str] = {
    M.OLD_AUTH_TIME: "auth_time_too_old",
    M.MISSING_AUTH_TIME: "auth_time_missing",
    M.AUTH_TIME_IN_FUTURE: "id_token_invalid",
    M.AUTH_TIME_AS_TEXT: "id_token_invalid",
}


@pytest.mark.parametrize("fault", UNPROVEN, ids=str)
async def test_c7_a_provider_that_does_not_prove_the_age_signs_nobody_in(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    await world.sign_in(victim)
    world.misbehave(fault)

    await _refused_again(world, victim, UNPROVEN[fault])


NO_TIMES: dict[str, tuple[object, str]] = {
    "null": (None, "id_token_invalid"),
    "true": (True, "id_token_invalid"),
    "a list": ([0], "id_token_invalid"),
    "milliseconds": (1_767_225_600_000, "id_token_invalid"),
    "nothing": (0, "auth_time_too_old"),
    "before time": (-1, "auth_time_too_old"),
    "far before time": (-(10**15), "auth_time_too_old"),
}


@pytest.mark.parametrize("name", NO_TIMES)
async def test_c7_what_is_no_time_of_a_sign_in_proves_none(
    world: World, victim: WebBrowser, name: str
) -> None:
    value, reason = NO_TIMES[name]
    await world.sign_in(victim)
    hand_out_claims(world, auth_time=value)

    await _refused_again(world, victim, reason)


@pytest.mark.parametrize(("age", "is_in"), [(300, True), (300 + SKEW, True), (301 + SKEW, False)])
async def test_c7_the_age_counts_to_the_second_beyond_the_skew(
    world: World, victim: WebBrowser, age: int, is_in: bool
) -> None:
    await world.sign_in(victim)
    hand_out_claims(world, auth_time=int(world.clock.unix()) - age)

    if is_in:
        callback = await world.agree(victim, maxAge="300")
        assert (await world.come_back(victim, callback)).status_code == httpx.codes.SEE_OTHER
    else:
        await _refused_again(world, victim, "auth_time_too_old")


async def test_c7_the_provider_is_asked_for_the_age_and_heeds_it(world: World, victim: WebBrowser) -> None:
    world.idp.remember(2 * HOUR)
    world.is_marked = True
    await world.sign_in(victim)
    remembered = await _session(victim)

    address = await world.begin(victim, maxAge="3600")
    arrived = await world.come_back(victim, await world.idp.sign_in(address))

    assert parse_qs(urlsplit(address).query)["max_age"] == ["3600"]
    assert arrived.status_code == httpx.codes.SEE_OTHER
    now = world.clock.now()
    assert remembered["authenticatedAt"] == _text(now - 2 * HOUR)
    assert (await _session(victim))["authenticatedAt"] == _text(now)


async def test_c7_an_age_that_is_taken_out_on_the_way_to_the_provider_is_missed_at_the_end(
    world: World, victim: WebBrowser
) -> None:
    world.idp.remember(2 * HOUR)
    world.is_marked = True
    await world.sign_in(victim)
    before = await _session(victim)

    address = (await world.begin(victim, maxAge="300")).replace("max_age=300", "max_age=99999")
    callback = await world.idp.sign_in(address)
    await refused(world, world.come_back(victim, callback), 403, "auth_time_too_old")

    assert await _session(victim) == before


@pytest.mark.parametrize("more", ["maxAge=99999", "max_age=99999", "auth_time=1767225600"])
async def test_c7_nothing_that_comes_with_the_answer_changes_the_age(
    world: World, victim: WebBrowser, more: str
) -> None:
    await world.sign_in(victim)
    before = await _session(victim)
    callback = await world.agree(victim, maxAge="300")
    world.misbehave(M.OLD_AUTH_TIME)

    await refused(world, world.come_back(victim, f"{callback}&{more}"), 403, "auth_time_too_old")

    assert await _session(victim) == before


async def test_c7_whoever_takes_the_age_out_of_the_login_page_gets_a_session_that_says_how_old_it_is(
    two_providers: World,
) -> None:
    world, browser = two_providers, two_providers.browser()
    world.idp.remember(2 * HOUR)
    chosen = await browser.open(f"{SIGNIN}?maxAge=300", of_page=PUBLIC_URL)
    assert chosen.headers["location"] == "/login?maxAge=300"
    page = await browser.open(chosen.headers["location"], of_page=PUBLIC_URL)
    assert f"{SIGNIN}?providerId=first&amp;maxAge=300" in page.text

    callback = await world.agree(browser, providerId="first")
    await world.come_back(browser, callback)

    assert (await _session(browser))["authenticatedAt"] == _text(world.clock.now() - 2 * HOUR)


async def test_c7_a_sign_in_again_as_somebody_else_is_a_session_of_theirs_in_the_place_of_the_other(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    copy = world.thief(victim)

    callback = await world.agree(victim, "bob", maxAge="0")
    await world.come_back(victim, callback)

    assert await world.who(victim) == "Bob Example"
    assert await world.who(copy) is None


async def test_c7_a_time_that_is_to_come_is_not_claimed_where_no_age_was_asked_for(
    world: World, victim: WebBrowser
) -> None:
    hand_out_claims(world, auth_time=int(world.clock.unix()) + 10**6)

    await world.sign_in(victim)

    assert "authenticatedAt" not in await _session(victim)


async def test_c7_who_is_passed_through_by_a_provider_that_proves_no_time_is_not_said_to_be_there(
    world: World, victim: WebBrowser
) -> None:
    world.misbehave(M.MISSING_AUTH_TIME)

    await world.sign_in(victim)

    session = await _session(victim)
    assert session["createdAt"] == _text(world.clock.now())
    assert "authenticatedAt" not in session


@pytest.mark.parametrize("value", ["-1", "1.5", "2592001", "x", "%00", "1e3", "300&maxAge=1", "300%20,1"])
async def test_c7_an_age_that_is_none_begins_no_sign_in(world: World, victim: WebBrowser, value: str) -> None:
    begun = victim.open(f"{SIGNIN}?maxAge={value}", of_page=PUBLIC_URL)

    await refused(world, begun, 422, "validation_error")


def _text(time: object) -> str:
    return str(time).replace(" ", "T").replace("+00:00", "Z")
