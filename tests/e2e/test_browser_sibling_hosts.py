"""Topology 4 at a real browser: auth.acme.localhost shares its session cookie with app.acme.localhost."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser

from tests.support.auth_api_process import API
from tests.support.browsing import Person, person_at, sign_in_at_peer
from tests.support.site import Site
from tests.support.sites import run_production_site

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.slow]

_ASK = """url => fetch(url, {credentials: 'include'}).then(answer => answer.json())"""


@pytest.fixture(scope="module")
def sibling_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with run_production_site(tmp_path_factory.mktemp("siblings"), cookie_domain="acme.localhost") as site:
        yield site


async def _sign_in(person: Person) -> None:
    await person.begin()
    await sign_in_at_peer(person.page)
    await person.sees_account_of("Alice Adams")


async def test_a_page_of_the_application_asks_auth_api_who_is_signed_in(
    sibling_site: Site, browser: Browser
) -> None:
    async with person_at(sibling_site, browser) as alice:
        await _sign_in(alice)
        await alice.page.goto(f"{sibling_site.application_url}/spa")

        answer = await alice.page.evaluate(_ASK, f"{sibling_site.url}{API}/session")

        assert answer["authenticated"] is True


async def test_a_server_of_the_application_gets_the_cookie_and_learns_who_asks(
    sibling_site: Site, browser: Browser
) -> None:
    async with person_at(sibling_site, browser) as alice:
        await _sign_in(alice)
        await alice.page.goto(f"{sibling_site.application_url}/orders")
        sent = sibling_site.application.cookies["/orders"]
        kept = await alice.session_cookie()

        async with sibling_site.client(cookie=sent) as server:
            answer = (await server.get(f"{API}/me")).json()

        assert answer["user"]["name"] == "Alice Adams"
        assert sent == f"__Secure-netscript-session={kept.get('value')}"
        assert (kept.get("domain"), kept.get("httpOnly"), kept.get("secure")) == (
            ".acme.localhost",
            True,
            True,
        )


async def test_after_the_sign_out_the_application_is_sent_nothing(
    sibling_site: Site, browser: Browser
) -> None:
    async with person_at(sibling_site, browser) as alice:
        await _sign_in(alice)
        await alice.page.get_by_role("button", name="Sign out", exact=True).click()
        await alice.page.wait_for_url(f"{sibling_site.url}/signed-out")

        await alice.page.goto(f"{sibling_site.application_url}/gone")

        assert sibling_site.application.cookies["/gone"] == ""
