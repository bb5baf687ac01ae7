"""Catalogue G, through the whole service: where somebody may be sent. The policy itself has its own tests."""

import json
from collections.abc import Awaitable
from urllib.parse import urlencode

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.attacks.addresses import query_of
from tests.attacks.destinations import AREA, EVIL_ONES, GOOD, HALF_CHARACTERS, OURS, TOO_LONG
from tests.attacks.landings import as_browsers_land, as_clients_land, as_python_lands
from tests.attacks.opening import open_world
from tests.attacks.oracle import refused
from tests.attacks.whole_run import run_through
from tests.attacks.world import EVIL, ISSUER, SIGNIN, SIGNOUT, World
from tests.support.web_browser import FORM, WebBrowser

JSON = {"content-type": "application/json"}
NOT_ALLOWED = (403, "redirect_not_allowed")
SECTION = 40


def _query(wanted: str) -> str:
    return urlencode({"redirectTo": wanted}, errors="surrogatepass")


def _json(wanted: str) -> bytes:
    return json.dumps({"redirectTo": wanted}).encode()


def _by_link(browser: WebBrowser, wanted: str) -> Awaitable[httpx.Response]:
    return browser.open(f"{SIGNIN}?{_query(wanted)}")


def _by_wish(browser: WebBrowser, wanted: str) -> Awaitable[httpx.Response]:
    return _post(browser, SIGNIN, _json(wanted))


def _out_by_wish(browser: WebBrowser, wanted: str) -> Awaitable[httpx.Response]:
    return _post(browser, SIGNOUT, _json(wanted))


def _out_by_form(browser: WebBrowser, wanted: str) -> Awaitable[httpx.Response]:
    body = _query(wanted).encode()
    return browser.fetch(SIGNOUT, method="POST", body=body, headers={"content-type": FORM})


def _to_choose(browser: WebBrowser, wanted: str) -> Awaitable[httpx.Response]:
    return browser.open(f"/login?{_query(wanted)}")


WAYS = (
    (_by_link, EventName.SIGNIN_FAILED),
    (_by_wish, EventName.SIGNIN_FAILED),
    (_out_by_wish, EventName.REQUEST_REFUSED),
    (_out_by_form, EventName.REQUEST_REFUSED),
    (_to_choose, EventName.SIGNIN_FAILED),
)


@pytest.mark.parametrize("begin", range(0, len(EVIL_ONES), SECTION))
async def test_g1_no_way_in_or_out_takes_a_destination_that_is_not_ours(
    begin: int, request: pytest.FixtureRequest
) -> None:
    is_full = request.config.getoption("full")
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()
        for number, wanted in enumerate(EVIL_ONES[begin : begin + SECTION]):
            # Each of them by a link, and by one of the other ways; by all of them with --full.
            ways = WAYS if is_full else (WAYS[0], WAYS[1 + number % (len(WAYS) - 1)])
            for ask, event in ways:
                shown = await refused(world, ask(browser, wanted), *NOT_ALLOWED, event=event)
                assert "evil" not in shown.text

        assert [key for key in world.store.made if key.startswith("auth/flow/")] == []
        assert browser.jar.names() == []


@pytest.mark.parametrize("wanted", TOO_LONG, ids=["path", "address"])
async def test_g1_a_destination_that_is_too_long_is_refused_as_input(
    world: World, victim: WebBrowser, wanted: str
) -> None:
    for ask, event in WAYS[:-1]:
        await refused(world, ask(victim, wanted), 422, "validation_error", event=event)


@pytest.mark.parametrize("wanted", HALF_CHARACTERS, ids=ascii)
async def test_g1_half_a_character_is_refused_before_anybody_asks_where_it_leads(
    world: World, victim: WebBrowser, wanted: str
) -> None:
    for ask, event in WAYS[:-1]:
        await refused(world, ask(victim, wanted), 400, "bad_request", event=event)


async def test_g1_an_answer_of_a_provider_leads_to_no_destination_that_comes_with_it() -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()
        for wanted in EVIL_ONES[::40]:
            callback = f"{await world.agree(browser)}&{httpx.QueryParams({'redirectTo': wanted})}"

            answer = await world.come_back(browser, callback)

            assert answer.headers.get("location", "/account") == "/account"


async def test_g1_no_parser_sees_another_site_in_what_is_emitted() -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        emitted: list[str] = []
        for wanted in GOOD:
            browser = world.browser()
            answer = await world.come_back(browser, await world.agree(browser, redirectTo=wanted))
            emitted.append(answer.headers["location"])

        assert emitted == GOOD
        for location, landing in zip(emitted, as_browsers_land(emitted), strict=True):
            assert landing is not None
            assert landing.origin in OURS
            assert landing == as_python_lands(location) == as_clients_land(location)


async def test_g1_every_location_of_a_whole_run_leads_to_us_to_the_provider_or_to_the_application(
    world: World,
) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    locations = [answer.headers["location"] for answer in answers if answer.has_redirect_location]
    assert len(locations) > 20
    for location, landing in zip(locations, as_browsers_land(locations), strict=True):
        assert landing is not None
        assert landing.origin in {*OURS, ISSUER}
        assert landing == as_python_lands(location) == as_clients_land(location)


@pytest.mark.parametrize("wanted", ["x" * 2049, "https://evil.com/" + "a" * 70_000], ids=["long", "70 kB"])
async def test_g2_a_destination_without_end_is_refused_as_input(
    world: World, victim: WebBrowser, wanted: str
) -> None:
    body = json.dumps({"redirectTo": wanted}).encode()

    expected = (413, "content_too_large") if len(body) > 65_536 else (422, "validation_error")
    event = EventName.SIGNIN_FAILED if expected[0] == 422 else None
    await refused(world, _post(victim, SIGNIN, body), *expected, event=event)


@pytest.mark.parametrize(
    "wanted",
    [f"{EVIL}/x?t=s3cret", f"{EVIL}/x#t=s3cret", f"{EVIL}/x#?t=s3cret", "https://u:s3cret@evil.example/x"],
)
async def test_g2_what_the_operator_is_told_of_a_refused_destination_holds_no_secret_of_it(
    world: World, victim: WebBrowser, wanted: str
) -> None:
    link = f"{SIGNIN}?{httpx.QueryParams({'redirectTo': wanted})}"

    await refused(world, victim.open(link), *NOT_ALLOWED)

    assert world.events.taken[0].seen == f"{EVIL}/x"


async def test_g2_of_two_destinations_neither_is_taken(world: World, victim: WebBrowser) -> None:
    for first, second in (("/account", EVIL), (EVIL, "/account")):
        link = f"{SIGNIN}?redirectTo={first}&redirectTo={second}"
        await refused(world, victim.open(link), 422, "validation_error")


async def test_g2_a_destination_that_is_escaped_twice_is_not_unescaped_twice(
    world: World, victim: WebBrowser
) -> None:
    once = "/x?next=%2F%2Fevil.example"

    answer = await world.come_back(victim, await world.agree(victim, redirectTo=once))

    assert answer.headers["location"] == once


@pytest.mark.parametrize("wanted", [None, ""], ids=["nothing", "empty"])
async def test_g3_without_a_wish_the_default_is_the_destination(
    world: World, victim: WebBrowser, wanted: str | None
) -> None:
    query = {} if wanted is None else {"redirectTo": wanted}

    answer = await world.come_back(victim, await world.agree(victim, **query))

    assert answer.headers["location"] == "/account"


async def test_g3_a_destination_that_is_allowed_no_more_when_the_browser_comes_back_is_not_taken() -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()
        callback = await world.agree(browser, redirectTo=AREA)
        world.variables.clear()
        later = world.thief(browser, await world.add_worker())
        later.jar = browser.jar

        answer = await world.come_back(later, callback)

        assert answer.headers["location"] == "/account"


@pytest.mark.parametrize("wanted", GOOD)
async def test_g3_signing_out_leads_to_an_allowed_destination_unchanged(wanted: str) -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()

        posted = await browser.submit(SIGNOUT, [("redirectTo", wanted)])
        asked = json.dumps({"redirectTo": wanted}).encode()
        told = await browser.fetch(SIGNOUT, method="POST", body=asked, headers=JSON)

        assert (posted.status_code, posted.headers["location"]) == (303, wanted)
        assert told.json() == {"signedOut": True, "ended": 0, "redirectTo": wanted}


async def test_g3_the_page_for_choosing_hands_on_only_what_is_allowed(two_providers: World) -> None:
    browser = two_providers.browser()

    chosen = await browser.open(f"{SIGNIN}?redirectTo=/account")
    page = await browser.follow(chosen)

    assert query_of(chosen.headers["location"]) == {"redirectTo": "/account"}
    assert page.text.count("redirectTo=%2Faccount") == 2
    await refused(two_providers, browser.open(f"/login?redirectTo={EVIL}"), *NOT_ALLOWED)


async def _post(browser: WebBrowser, url: str, body: bytes) -> httpx.Response:
    return await browser.fetch(url, method="POST", body=body, headers=JSON)
