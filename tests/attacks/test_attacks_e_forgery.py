"""Catalogue E3: nobody is signed out by another site."""

from collections.abc import Awaitable

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.attacks.opening import open_world
from tests.attacks.oracle import refused
from tests.attacks.world import APP, EVIL, SIGNOUT, World
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE
from tests.support.web_browser import OPAQUE, BlockedError, WebBrowser

JSON = {"content-type": "application/json"}
REFUSED = EventName.REQUEST_REFUSED
CROSS_SITE = (403, "cross_site")
SISTER = "https://shop.acme.example"


@pytest.mark.parametrize("way", ["link", "image", "iframe", "head", "prefetch"])
async def test_e3_no_address_that_is_merely_opened_signs_anybody_out(
    world: World, victim: WebBrowser, way: str
) -> None:
    await world.sign_in(victim)
    asked = {
        "link": lambda: victim.open(SIGNOUT, of_page=EVIL),
        "image": lambda: victim.embed(SIGNOUT, of_page=EVIL),
        "iframe": lambda: victim.embed(SIGNOUT, of_page=EVIL, destination="iframe"),
        "head": lambda: victim.fetch(SIGNOUT, method="OPTIONS"),
        "prefetch": lambda: victim.fetch(SIGNOUT, headers={"purpose": "prefetch"}),
    }

    answer = await refused(world, asked[way](), 405, "method_not_allowed", event=None)

    assert answer.headers["allow"] == "POST"
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("page", [EVIL, SISTER, OPAQUE, "http://auth.acme.example", f"{PUBLIC_URL}:8443"])
@pytest.mark.parametrize(
    "encoding", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]
)
async def test_e3_a_form_of_another_site_signs_nobody_out(
    world: World, victim: WebBrowser, page: str, encoding: str
) -> None:
    await world.sign_in(victim)

    posted = victim.submit(SIGNOUT, [("everywhere", "true")], of_page=page, encoding=encoding)
    await refused(world, posted, *CROSS_SITE, event=REFUSED)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("page", [EVIL, SISTER])
async def test_e3_a_script_of_another_site_is_not_even_let_ask(
    world: World, victim: WebBrowser, page: str
) -> None:
    await world.sign_in(victim)

    with pytest.raises(BlockedError):
        await victim.fetch(SIGNOUT, method="POST", body=b"{}", headers=JSON, of_page=page)
    plain = victim.fetch(SIGNOUT, method="POST", of_page=page)
    await refused(world, plain, *CROSS_SITE, event=REFUSED)

    assert await world.who(victim) == "Alice Example"


NO_ORIGIN: dict[str, tuple[dict[str, str], bool]] = {
    "nothing at all": ({}, False),
    "a form": ({"content-type": "application/x-www-form-urlencoded"}, False),
    "null": ({"origin": "null", "content-type": "application/json"}, False),
    "null with our own header": ({"origin": "null", "x-netscript-csrf": "1"}, False),
    "an empty origin": ({"origin": "", **JSON}, False),
    "two origins": ({"origin": f"{PUBLIC_URL}, {EVIL}", **JSON}, False),
    "cross-site metadata": ({"sec-fetch-site": "cross-site", **JSON}, False),
    "same-site metadata": ({"sec-fetch-site": "same-site", **JSON}, False),
    "unheard-of metadata": ({"sec-fetch-site": "Same-Origin", **JSON}, False),
    "an empty header of our own": ({"x-netscript-csrf": ""}, False),
    "same-origin metadata": ({"sec-fetch-site": "same-origin"}, True),
    "JSON": (JSON, True),
    "our own header": ({"x-netscript-csrf": "1"}, True),
    "our origin": ({"origin": PUBLIC_URL}, True),
}


@pytest.mark.parametrize("name", NO_ORIGIN)
async def test_e3_without_an_origin_something_else_must_show_that_no_other_site_asked(
    world: World, victim: WebBrowser, name: str
) -> None:
    headers, is_let_in = NO_ORIGIN[name]
    await world.sign_in(victim)
    cookie = {"cookie": f"{SESSION_COOKIE}={victim.jar.value(SESSION_COOKIE)}"}
    body = b"{}" if "application/json" in headers.values() else b""
    request = httpx.Request("POST", f"{PUBLIC_URL}{SIGNOUT}", headers={**headers, **cookie}, content=body)
    sent = httpx.ASGITransport(world.workers[0].app).handle_async_request(request)

    if not is_let_in:
        await refused(world, _read(sent), *CROSS_SITE, event=REFUSED)
    else:
        assert (await _read(sent)).is_success

    assert (await world.who(victim) is None) == is_let_in


async def test_e3_an_old_browser_without_metadata_still_sends_an_origin_and_is_protected(
    world: World,
) -> None:
    old = world.browser(tells_metadata=False)
    await world.sign_in(old)

    await refused(world, old.submit(SIGNOUT, [], of_page=EVIL), *CROSS_SITE, event=REFUSED)

    assert await world.who(old) == "Alice Example"
    await old.submit(SIGNOUT, [])
    assert await world.who(old) is None


async def test_e3_a_page_that_the_operator_allows_may_sign_its_person_out_and_no_sister_of_it_may() -> None:
    async with open_world(ALLOWED_ORIGINS=APP) as world:
        browser = world.browser()
        await world.sign_in(browser)

        with pytest.raises(BlockedError):
            await browser.fetch(SIGNOUT, method="POST", body=b"{}", headers=JSON, of_page=SISTER)
        assert await world.who(browser) == "Alice Example"

        await browser.fetch(SIGNOUT, method="POST", body=b"{}", headers=JSON, of_page=APP)
        assert await world.who(browser) is None


async def test_e3_another_site_cannot_end_one_session_of_the_list_either(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    handle = await world.handle(victim)

    with pytest.raises(BlockedError):
        await victim.fetch(f"{PREFIX}/sessions/{handle}", method="DELETE", of_page=EVIL)
    forged = victim.submit("/account/sessions/revoke", [("handle", handle)], of_page=SISTER)
    await refused(world, forged, *CROSS_SITE, event=REFUSED)

    assert await world.who(victim) == "Alice Example"


async def _read(sent: Awaitable[httpx.Response]) -> httpx.Response:
    answer = await sent
    await answer.aread()
    return answer
