"""One run through everything that a person, and somebody who means them harm, can do here."""

from tests.attacks.addresses import query_of, with_query
from tests.attacks.world import CALLBACK, EVIL, ISSUER, SIGNIN, SIGNOUT, World
from tests.support.auth_api import PREFIX
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}
PAGES = ("/", "/account", "/login", "/signed-out", "/error", "/error?reason=flow_used", "/assets/auth.css")
READS = ("session", "me", "sessions", "describe", "providers")


async def run_through(world: World) -> WebBrowser:
    """Do it, and return the browser that was used."""
    browser = world.browser()
    await look_around(browser)
    await _begin_in_every_way(world, browser)
    await _be_refused(world, browser)
    await _sign_in_by_form(world, browser)
    await look_around(browser)
    await _end_in_every_way(world, browser)
    await look_around(browser)
    return browser


async def look_around(browser: WebBrowser) -> None:
    """Read everything that can be read."""
    for page in PAGES:
        await browser.open(page)
    for name in READS:
        await browser.fetch(f"{PREFIX}/{name}")


async def _begin_in_every_way(world: World, browser: WebBrowser) -> None:
    await world.begin(browser, redirectTo="/account", loginHint="alice")
    await browser.fetch(SIGNIN, method="POST", body=b"{}", headers=JSON)
    for _ in range(6):
        await world.begin(browser)


async def _be_refused(world: World, browser: WebBrowser) -> None:
    state = query_of(await world.begin(browser))["state"]
    await browser.open(
        with_query(CALLBACK, [("code", "made-up-by-somebody"), ("state", state), ("iss", ISSUER)])
    )
    await browser.open(await world.idp.cancel(await world.begin(browser)))
    await browser.open(f"{SIGNIN}?redirectTo={EVIL}")
    await browser.open(f"{CALLBACK}?state=x", of_page=EVIL)
    await browser.submit(SIGNOUT, [], of_page=EVIL)
    async with world.store.outage():
        await look_around(browser)
        await browser.open(SIGNIN)


async def _sign_in_by_form(world: World, browser: WebBrowser) -> None:
    form = await world.idp.sign_in_by_form(f"{await world.begin(browser)}&response_mode=form_post")
    fields = [*form.fields, ("user", '{"name":{"firstName":"A"}}')]
    callback = await browser.follow(await browser.submit(form.action, fields, of_page=ISSUER))
    await browser.follow(callback)
    await browser.open(str(callback.request.url))


async def _end_in_every_way(world: World, browser: WebBrowser) -> None:
    elsewhere = world.browser()
    await world.sign_in(elsewhere)
    await browser.fetch(f"{PREFIX}/sessions/{await world.handle(elsewhere)}", method="DELETE")
    await browser.submit("/account/sessions/revoke", [("handle", await world.handle(browser))])
    await world.sign_in(browser)
    await browser.follow(await browser.submit(SIGNOUT, []))
    await world.sign_in(browser)
    await browser.fetch(SIGNOUT, method="POST", body=b'{"everywhere":true}', headers=JSON)
