"""Catalogue E5: the way to the provider's sign-out, whose address holds an id token that no page may see."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from netscript_plugin_auth.signout_return import LIFETIME
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.world import EVIL, ISSUER, NEW_KEY, SIGNED_OUT, SIGNOUT, World
from tests.support.auth_api import PUBLIC_URL
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}
BEGINNING_OF_A_JWT = "eyJ"
HANDOVERS = "auth/signout-handover/"


@pytest.fixture
async def world() -> AsyncGenerator[World]:
    """One in which browsers are sent to the provider to be signed out there."""
    async with open_world(scopes=OFFLINE, end_session=True) as running:
        yield running


@pytest.fixture
async def browser(world: World) -> WebBrowser:
    """Somebody's, signed in."""
    browser = world.browser()
    await world.sign_in(browser)
    return browser


async def _sign_out(browser: WebBrowser) -> str:
    """Sign out as a script of the application does, and return where it is told to send the browser."""
    answer = await browser.fetch(SIGNOUT, method="POST", body=b"{}", headers=JSON)
    address: str = answer.json()["upstream"]["endSessionUrl"]
    return address


def _is_led_to_the_provider(answer: httpx.Response) -> bool:
    location = answer.headers.get("location", "")
    return answer.has_redirect_location and location.startswith(f"{ISSUER}/end_session?")


async def test_e5_no_page_sees_the_id_token_that_the_provider_gets(world: World, browser: WebBrowser) -> None:
    told = await browser.fetch(SIGNOUT, method="POST", body=b"{}", headers=JSON)
    await world.sign_in(browser)
    form = await browser.submit(SIGNOUT, [])
    await world.sign_in(browser)
    page = await browser.submit("/account/signout", [])

    for answer in (told, form, page):
        assert BEGINNING_OF_A_JWT not in answer.text
        assert BEGINNING_OF_A_JWT not in str(answer.headers)
    address = told.json()["upstream"]["endSessionUrl"]
    assert address.startswith(f"{SIGNED_OUT}/provider?state=")


async def test_e5_the_browser_is_led_to_the_provider_with_the_id_token_once(
    browser: WebBrowser,
) -> None:
    address = await _sign_out(browser)

    first = await browser.open(address, of_page=PUBLIC_URL)
    second = await browser.open(address, of_page=PUBLIC_URL)

    assert _is_led_to_the_provider(first)
    hint = parse_qs(urlsplit(first.headers["location"]).query)["id_token_hint"][0]
    assert hint.startswith(BEGINNING_OF_A_JWT)
    assert (second.status_code, "location" in second.headers) == (200, False)


async def test_e5_a_script_that_fetches_the_address_is_led_nowhere_and_uses_nothing_up(
    browser: WebBrowser,
) -> None:
    address = await _sign_out(browser)

    fetched = await browser.fetch(address)
    opened = await browser.open(address, of_page=PUBLIC_URL)

    assert (fetched.status_code, "location" in fetched.headers) == (200, False)
    assert _is_led_to_the_provider(opened)


@pytest.mark.parametrize("of_page", [None, EVIL])
async def test_e5_the_address_leads_no_other_browser(
    world: World, browser: WebBrowser, of_page: str | None
) -> None:
    address = await _sign_out(browser)
    stranger = world.browser()
    await world.sign_in(stranger, "bob")
    await _sign_out(stranger)

    astray = await stranger.open(address, of_page=of_page)

    assert (astray.status_code, "location" in astray.headers) == (200, False)
    assert _is_led_to_the_provider(await browser.open(address, of_page=PUBLIC_URL))


@pytest.mark.parametrize("query", ["", "?state=", "?state=wrong", "?state={state}&state={state}"])
async def test_e5_without_the_state_nobody_is_led_to_the_provider(browser: WebBrowser, query: str) -> None:
    address = await _sign_out(browser)
    state = parse_qs(urlsplit(address).query)["state"][0]

    astray = await browser.open(f"{SIGNED_OUT}/provider{query.format(state=state)}", of_page=PUBLIC_URL)

    assert (astray.status_code, "location" in astray.headers) == (200, False)


async def test_e5_the_address_is_good_for_ten_minutes(world: World, browser: WebBrowser) -> None:
    address = await _sign_out(browser)
    world.clock.advance(LIFETIME * 1.1)

    late = await browser.open(address, of_page=PUBLIC_URL)

    assert (late.status_code, "location" in late.headers) == (200, False)


async def test_e5_what_is_kept_until_then_is_sealed(world: World, browser: WebBrowser) -> None:
    await _sign_out(browser)

    (key,) = [key for key in world.store.made if key.startswith(HANDOVERS)]
    entry = await world.store.get(key)

    assert entry is not None
    assert b"id_token_hint" not in entry.value
    assert BEGINNING_OF_A_JWT.encode() not in entry.value


async def test_e5_whichever_worker_comes_first_leads_on_and_one_without_the_key_does_not(
    world: World, browser: WebBrowser
) -> None:
    addresses = [await _sign_out(browser)]
    second = await world.add_worker()
    stranger = await world.add_worker([NEW_KEY])

    elsewhere = world.browser(second)
    elsewhere.jar = browser.jar
    led = await elsewhere.open(addresses[0], of_page=PUBLIC_URL)
    await world.sign_in(browser)
    without_key = world.browser(stranger)
    address = await _sign_out(browser)
    without_key.jar = browser.jar
    astray = await without_key.open(address, of_page=PUBLIC_URL)

    assert _is_led_to_the_provider(led)
    assert (astray.status_code, "location" in astray.headers) == (200, False)
