"""What pages of another host can make a browser do to auth-api: nothing. As in production, with TLS."""

import pytest
from playwright.async_api import Browser, expect

from tests.support.auth_api_process import API
from tests.support.browsing import Person, person_at, sign_in_at_peer
from tests.support.site import Site, begin

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.slow]


async def _sign_in(person: Person) -> None:
    await person.begin()
    await sign_in_at_peer(person.page)
    await person.sees_account_of("Alice Adams")


async def _callback_of_an_attacker(site: Site) -> str:
    """Sign in as bob elsewhere, and keep the code and state that came of it."""
    async with site.client() as attacker:
        return await site.provider.sign_in(await begin(attacker), "bob")


async def test_a_person_signs_in_at_a_certified_provider_and_out_again(
    production_site: Site, browser: Browser
) -> None:
    async with person_at(production_site, browser) as alice:
        await _sign_in(alice)
        await expect(alice.page.get_by_text("alice@example.test")).to_be_visible()
        await expect(alice.page.get_by_text("this browser")).to_have_count(1)

        await alice.page.get_by_role("button", name="Sign out", exact=True).click()

        await alice.page.wait_for_url(f"{production_site.url}/signed-out")
        await alice.page.go_back()
        await alice.sees_nobody()


async def test_no_script_reads_our_cookies_and_no_other_host_is_sent_them(
    production_site: Site, browser: Browser
) -> None:
    async with person_at(production_site, browser) as alice:
        await _sign_in(alice)
        readable = await alice.page.evaluate("document.cookie")
        kept = await alice.session_cookie()

        await alice.page.goto(f"{production_site.application_url}/isolated")

        assert readable == ""
        assert production_site.application.cookies["/isolated"] == ""
        assert (kept.get("secure"), kept.get("httpOnly"), kept.get("sameSite")) == (True, True, "Lax")
        assert (kept.get("domain"), kept.get("path")) == ("auth.acme.localhost", "/")
        assert await alice.session_token() != ""


async def test_a_page_of_a_sibling_host_cannot_read_who_is_signed_in(
    production_site: Site, browser: Browser
) -> None:
    async with person_at(production_site, browser) as alice:
        await _sign_in(alice)
        await alice.page.goto(f"{production_site.application_url}/reader")

        read = await alice.page.evaluate(
            "url => fetch(url, {credentials: 'include'}).then(answer => answer.text(), String)",
            f"{production_site.url}{API}/me",
        )

        assert read == "TypeError: Failed to fetch"


@pytest.mark.parametrize(
    "everywhere", ["", pytest.param('<input name="everywhere" value="true">', marks=pytest.mark.full)]
)
async def test_a_form_on_a_sibling_host_cannot_sign_anybody_out(
    production_site: Site, browser: Browser, everywhere: str
) -> None:
    form = f'<form method="post" action="{production_site.url}{API}/signout">{everywhere}<button>Win</button>'
    production_site.application.pages["/prize"] = form
    async with person_at(production_site, browser) as alice:
        await _sign_in(alice)
        before = await alice.session_token()
        await alice.page.goto(f"{production_site.application_url}/prize")

        async with alice.page.expect_navigation() as refused:
            await alice.page.get_by_role("button", name="Win").click()

        answer = await refused.value
        assert answer.status == 403
        # The browser sent the cookie: both hosts are of one site. It is the rule of origins that refused.
        assert f"{production_site.session_cookie}=" in (await answer.request.all_headers())["cookie"]
        await expect(alice.page.locator("dd code").first).to_have_text("cross_site")
        await alice.open("/account")
        await alice.sees_account_of("Alice Adams")
        assert await alice.session_token() == before


@pytest.mark.full
async def test_an_image_that_points_at_the_sign_out_has_no_effect(
    production_site: Site, browser: Browser
) -> None:
    production_site.application.pages["/album"] = f'<img src="{production_site.url}{API}/signout">'
    async with person_at(production_site, browser) as alice:
        await _sign_in(alice)

        # The answer is not even given to the page: Cross-Origin-Resource-Policy keeps it for us.
        async with alice.page.expect_event("requestfailed", lambda sent: sent.url.endswith("/signout")):
            await alice.page.goto(f"{production_site.application_url}/album")

        await alice.open("/account")
        await alice.sees_account_of("Alice Adams")


async def test_a_link_with_the_code_of_an_attacker_signs_nobody_in(
    production_site: Site, browser: Browser
) -> None:
    callback = (await _callback_of_an_attacker(production_site)).replace("&", "&amp;")
    production_site.application.pages["/link"] = f'<a href="{callback}">Photos of the party</a>'
    async with person_at(production_site, browser) as victim:
        await victim.page.goto(f"{production_site.application_url}/link")

        async with victim.page.expect_navigation() as refused:
            await victim.page.get_by_role("link", name="Photos").click()

        assert (await refused.value).status == 403
        await expect(victim.page.locator("dd code").first).to_have_text("flow_not_bound")
        assert await victim.context.cookies(production_site.url) == []
        await victim.open("/account")
        await victim.sees_nobody()


@pytest.mark.full
async def test_a_frame_with_the_code_of_an_attacker_leaves_the_session_of_the_victim(
    production_site: Site, browser: Browser
) -> None:
    callback = await _callback_of_an_attacker(production_site)
    production_site.application.pages["/frame"] = f'<iframe src="{callback.replace("&", "&amp;")}"></iframe>'
    async with person_at(production_site, browser) as victim:
        await _sign_in(victim)
        before = await victim.session_token()

        async with victim.page.expect_response(callback) as refused:
            await victim.page.goto(f"{production_site.application_url}/frame")

        assert (await refused.value).status == 403
        await victim.open("/account")
        await victim.sees_account_of("Alice Adams")
        assert await victim.session_token() == before
