"""Catalogue G, through the whole service: where somebody may be sent. The policy itself has its own tests."""

import json
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from pydantic_core import Url

from netscript_auth_core.events import EventName
from tests.attacks.addresses import query_of
from tests.attacks.opening import open_world
from tests.attacks.oracle import refused
from tests.attacks.world import APP, EVIL, SIGNIN, SIGNOUT, World
from tests.support.auth_api import PUBLIC_URL
from tests.support.web_browser import WebBrowser

AREA = f"{APP}/area"
JSON = {"content-type": "application/json"}
NOT_ALLOWED = (403, "redirect_not_allowed")
HOSTS = (
    "evil.example",
    "auth.acme.example.evil.example",
    "evil.example:443",
    "[::ffff:6.6.6.6]",
    "0x7f000001",
)
BEFORE_A_HOST = (
    "https://", "//", "///", "/\\", "\\\\", "/\t/", "/\n/", "https:", "https:/", "https:\\\\", "ht\ttps://",
    "https://auth.acme.example@", "https://auth.acme.example:x@", "https://auth.acme.example\\@",
    "/%09/", "/%2f/", "/%5c", "/..//", "/.//", " //",
    "javascript://", "data://", "http://", "HTTPS://", "https://auth.acme.example%2f@", "\u2028//",
    "\ufeff//",
)  # fmt: skip
BY_HAND = [
    f"https://app.acme.example.evil.com{AREA}", "https://app.acme.example@evil.com", "https:evil.com",
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://evil.com/x",
    "/a\r\nSet-Cookie: a=b", "/a\r\nLocation: https://evil.com", "https://\u0430pp.acme.example/area",
    "https://app.acme.example/area51", "https://app.acme.example/area/../x", "https://app.acme.example",
    "http://app.acme.example/area", "https://app.acme.example:8443/area", "account", "?x", "#x", ".", "//",
    "/api/v1/auth/signin?redirectTo=https://evil.com", "/%zz", "/\x00", "/" + "a" * 2048,
]  # fmt: skip
EVIL_ONES = [*BY_HAND, *(before + host for before in BEFORE_A_HOST for host in HOSTS)]
GOOD = [
    "/account",
    "/a?b=c#d",
    f"{PUBLIC_URL}/account",
    AREA,
    f"{AREA}/x?y=1#z",
    "/",
    "/?next=//evil.example",
]


async def test_g1_no_way_in_or_out_takes_a_destination_that_is_not_ours() -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()
        for wanted in EVIL_ONES:
            await _expect_refused_everywhere(world, browser, wanted)

        assert [key for key in world.store.made if key.startswith("auth/flow/")] == []
        assert browser.jar.names() == []


@pytest.mark.parametrize("wanted", GOOD)
async def test_g1_no_parser_sees_another_site_in_what_is_emitted(wanted: str) -> None:
    async with open_world(ALLOWED_RETURN_TO=AREA) as world:
        browser = world.browser()

        answer = await world.come_back(browser, await world.agree(browser, redirectTo=wanted))

        location = answer.headers["location"]
        landed = urljoin(f"{PUBLIC_URL}/api/v1/auth/callback", location)
        assert location == wanted
        assert urlsplit(landed).hostname in {"auth.acme.example", "app.acme.example"}
        assert Url(landed).host in {"auth.acme.example", "app.acme.example"}


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
        assert told.json() == {"signedOut": True, "redirectTo": wanted}


async def test_g3_the_page_for_choosing_hands_on_only_what_is_allowed(two_providers: World) -> None:
    browser = two_providers.browser()

    chosen = await browser.open(f"{SIGNIN}?redirectTo=/account")
    page = await browser.follow(chosen)

    assert query_of(chosen.headers["location"]) == {"redirectTo": "/account"}
    assert page.text.count("redirectTo=%2Faccount") == 2
    await refused(two_providers, browser.open(f"/login?redirectTo={EVIL}"), *NOT_ALLOWED)


async def _expect_refused_everywhere(world: World, browser: WebBrowser, wanted: str) -> None:
    is_too_long = len(wanted) > 2048
    link = f"{SIGNIN}?{httpx.QueryParams({'redirectTo': wanted})}"
    body = json.dumps({"redirectTo": wanted}).encode()
    expected = (422, "validation_error") if is_too_long else NOT_ALLOWED
    refusal = EventName.REQUEST_REFUSED

    shown = await refused(world, browser.open(link), *expected)
    told = await refused(world, _post(browser, SIGNIN, body), *expected)
    await refused(world, _post(browser, SIGNOUT, body), *expected, event=refusal)
    await refused(world, browser.submit(SIGNOUT, [("redirectTo", wanted)]), *expected, event=refusal)

    assert "evil" not in shown.text + told.text


async def _post(browser: WebBrowser, url: str, body: bytes) -> httpx.Response:
    return await browser.fetch(url, method="POST", body=body, headers=JSON)
