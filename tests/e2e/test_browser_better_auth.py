"""People sign in at a better-auth server's own page, and auth-api knows them: in each supported topology."""

import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.better_auth import PASSWORD
from tests.support.better_auth_sites import BetterAuthSite, one_host, siblings
from tests.support.browser import PATIENCE_MILLISECONDS

# In one process: they share what takes long to start.
pytestmark = [
    *(pytest.mark.browser, pytest.mark.peer, pytest.mark.slow),
    pytest.mark.xdist_group("chromium_path"),
]

Topology = Callable[[Path], AbstractContextManager[BetterAuthSite]]
TOPOLOGIES: dict[str, Topology] = {"one host by paths": one_host, "sibling hosts": siblings}


@pytest.fixture(
    scope="module", params=["sibling hosts", pytest.param("one host by paths", marks=pytest.mark.full)]
)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[BetterAuthSite]:
    with TOPOLOGIES[request.param](tmp_path_factory.mktemp("better-auth")) as site:
        yield site


@pytest.fixture(scope="module")
def token_site(tmp_path_factory: pytest.TempPathFactory) -> Generator[BetterAuthSite]:
    folder = tmp_path_factory.mktemp("better-auth-tokens")
    with siblings(folder, NETSCRIPT_AUTH_BETTER_AUTH_MODE="jwt") as site:
        yield site


@asynccontextmanager
async def _page(browser: Browser) -> AsyncGenerator[Page]:
    context = await browser.new_context(ignore_https_errors=True)
    try:
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        yield await context.new_page()
    finally:
        await context.close()


async def _sign_in(site: BetterAuthSite, page: Page, *, to: str) -> str:
    """Sign up somebody who was never there, sign in as them in the browser, and return their address."""
    people = site.server.client()
    await people.sign_in("alice")
    await page.goto(f"{site.sign_in_url}?to={to}")
    await page.get_by_label("E-mail").fill(people.address_of("alice"))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    return people.address_of("alice")


async def _read(page: Page) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(await page.locator("body").inner_text())
    return document


async def test_who_signs_in_at_the_servers_page_is_known_to_auth_api(
    site: BetterAuthSite, browser: Browser
) -> None:
    async with _page(browser) as page:
        await page.goto(site.me)
        before = await _read(page)

        email = await _sign_in(site, page, to=site.me)

        await page.wait_for_url(site.me)
        me = await _read(page)
        assert before["authenticated"] is False
        assert (me["user"]["name"], me["user"]["email"]) == ("Alice", email)
        kept = [cookie.get("name", "") for cookie in await page.context.cookies(site.url)]
        assert "__Secure-better-auth.session_token" in kept
        assert not [name for name in kept if "netscript-session" in name]


async def test_a_sign_out_at_auth_api_is_one_at_the_server(site: BetterAuthSite, browser: Browser) -> None:
    async with _page(browser) as page:
        await _sign_in(site, page, to=f"{site.url}/account")
        await expect(page.get_by_role("heading", name="Alice")).to_be_visible()

        await page.get_by_role("button", name="Sign out", exact=True).click()

        await page.wait_for_url(f"{site.url}/signed-out")
        await page.goto(site.me)
        assert (await _read(page))["authenticated"] is False
        # The answer deleted the server's own cookies.
        kept = [cookie.get("name", "") for cookie in await page.context.cookies(site.url)]
        assert "__Secure-better-auth.session_token" not in kept


@pytest.mark.full
async def test_a_program_is_known_by_a_token_that_the_browser_got(
    token_site: BetterAuthSite, browser: Browser
) -> None:
    async with _page(browser) as page:
        email = await _sign_in(token_site, page, to=f"{token_site.sign_in_url}/done")
        await page.wait_for_url(f"{token_site.sign_in_url}/done")
        token = await page.evaluate("fetch('/api/auth/token').then(answer => answer.json())")

        async with token_site.program(authorization=f"Bearer {token['token']}") as program:
            answer = await program.get(token_site.me)

        assert answer.json()["user"]["email"] == email
        await page.goto(token_site.me)
        assert (await _read(page))["authenticated"] is False


async def test_who_wants_to_sign_in_here_is_told_where(site: BetterAuthSite) -> None:
    async with site.program(accept="application/json") as program:
        answer = await program.get("/api/v1/auth/signin")

    assert answer.status_code == 501
    assert answer.json()["code"] == "AUTH_OPERATION_UNSUPPORTED"
    assert answer.json()["data"]["signInUrl"] == site.sign_in_url
