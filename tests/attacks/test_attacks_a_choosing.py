"""Catalogue A4 to A6, second order: the same wishes by other ways in."""

from urllib.parse import quote

import httpx
import pytest

from tests.attacks.addresses import query_of
from tests.attacks.oracle import refused
from tests.attacks.world import CALLBACK, SIGNIN, World
from tests.support.web_browser import WebBrowser

MARKUP = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "provider",
    ["nobody", "OIDC", "oidc ", "\u043eidc", "x" * 10_240, MARKUP, "oidc\x00", "oidc;x", "*", "{id}"],
)
async def test_a4_an_unknown_provider_in_the_path_of_a_callback_is_refused_without_being_repeated(
    world: World, victim: WebBrowser, provider: str
) -> None:
    callback = await world.agree(victim)
    elsewhere = f"{CALLBACK}/{quote(provider, safe='')}?{httpx.URL(callback).query.decode()}"

    answer = await victim.open(elsewhere)

    assert answer.status_code in {403, 404}
    assert provider not in answer.text or provider in {"nobody", "*"}
    assert "script>" not in answer.text
    assert world.asked_for_tokens() == 0
    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example", "and the sign-in under way is none the worse"


@pytest.mark.parametrize("path", ["..%2fme", "%2e%2e/me", "%2e%2e%2fme", "%2e/x", "/x"])
async def test_a4_no_path_climbs_out_of_the_callbacks(world: World, victim: WebBrowser, path: str) -> None:
    request = httpx.Request("GET", victim.home)
    request.url = request.url.copy_with(raw_path=f"{CALLBACK}/{path}".encode())

    answer = await victim.send(request)

    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.text != "x"


async def test_a4_the_page_for_choosing_offers_the_configured_providers_whatever_is_asked_for(
    two_providers: World,
) -> None:
    browser = two_providers.browser()

    page = await browser.open(f"/login?providerId={quote(MARKUP)}&x={quote(MARKUP)}")

    assert page.text.count("providerId=first") == page.text.count("providerId=second") == 1
    assert "alert" not in page.text


@pytest.mark.parametrize("scopes", ["admin", "openid admin", MARKUP])
async def test_a5_scopes_that_travel_over_the_page_for_choosing_are_held_to_the_same(
    two_providers: World, scopes: str
) -> None:
    world, browser = two_providers, two_providers.browser()
    page = await browser.open(f"/login?scopes={quote(scopes)}")
    assert "<script" not in page.text
    link = f"{SIGNIN}?providerId=first&scopes={quote(scopes)}"

    await refused(world, browser.open(link), 422, "validation_error", told="invalid_input")


async def test_a5_scopes_that_come_twice_are_not_put_together(world: World, victim: WebBrowser) -> None:
    link = f"{SIGNIN}?scopes=openid&scopes=admin"

    await refused(world, victim.open(link), 422, "validation_error")


@pytest.mark.parametrize("scopes", ["openid", "openid email", "email", " openid  email ", "openid openid"])
async def test_a5_fewer_scopes_than_configured_are_granted_and_openid_is_among_them(
    world: World, victim: WebBrowser, scopes: str
) -> None:
    query = query_of(await world.begin(victim, scopes=scopes))

    assert set(query["scope"].split()) <= {"openid", "email", "profile"}
    assert "openid" in query["scope"].split()


async def test_a6_a_login_hint_travels_over_the_page_for_choosing_as_one_value(two_providers: World) -> None:
    browser, hint = two_providers.browser(), f"{MARKUP}&prompt=none&providerId=second"

    chosen = await browser.open(f"{SIGNIN}?{httpx.QueryParams({'loginHint': hint})}")
    page = await browser.follow(chosen)

    assert query_of(chosen.headers["location"]) == {"loginHint": hint}
    assert page.text.count("&amp;loginHint=") == 2
    assert "<script" not in page.text
    query = query_of(await two_providers.begin(browser, providerId="first", loginHint=hint))
    assert query["login_hint"] == hint
    assert "prompt" not in query
