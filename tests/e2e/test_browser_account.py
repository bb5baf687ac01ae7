"""A person at a real browser: in, around and out again. The development profile and provider."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browsing import Person, callback_of, choose_persona, person_at
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def _sign_in(person: Person, name: str = "Alice Example", page: Page | None = None) -> None:
    page = page or person.page
    await person.begin(page)
    await choose_persona(page, name)
    await person.sees_account_of(name, page)


async def test_alice_signs_in_and_finds_herself_and_her_session(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await alice.open("/")

        await alice.page.get_by_role("link", name="Sign in").click()
        await choose_persona(alice.page)

        await alice.sees_account_of("Alice Example")
        await expect(alice.page.get_by_text("alice@example.test")).to_be_visible()
        await expect(alice.page.get_by_text("this browser")).to_have_count(1)
        await expect(alice.page.locator(".sessions li", has_text="this browser")).to_contain_text("on Linux")


@pytest.mark.full
async def test_a_person_signs_in_and_out_by_the_keyboard_alone(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await alice.open("/account")

        await _walk_to(alice.page, "Sign in")
        await alice.page.keyboard.press("Enter")
        await alice.page.wait_for_url(lambda url: not url.startswith(development_site.url))
        await _walk_to(alice.page, "Alice Example")
        await alice.page.keyboard.press("Enter")

        await alice.sees_account_of("Alice Example")
        await _walk_to(alice.page, "Sign out")
        await alice.page.keyboard.press("Enter")
        await alice.page.wait_for_url(f"{development_site.url}/signed-out")


async def test_two_tabs_begun_together_may_finish_in_reverse_order(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as person:
        second = await person.context.new_page()
        await person.begin()
        await person.begin(second)

        await choose_persona(second, "Bob Example")
        await person.sees_account_of("Bob Example", second)
        await choose_persona(person.page, "Alice Example")
        await person.sees_account_of("Alice Example")

        await second.reload()
        await person.sees_account_of("Alice Example", second)


async def test_after_signing_out_neither_back_nor_reload_shows_the_account(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await _sign_in(alice)
        await alice.page.get_by_role("button", name="Sign out", exact=True).click()
        await alice.page.wait_for_url(f"{development_site.url}/signed-out")

        await alice.page.go_back()

        await alice.sees_nobody()
        await alice.page.reload()
        await alice.sees_nobody()
        assert await alice.session_token() == ""


async def test_signing_out_goes_through_the_provider_and_back(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await _sign_in(alice)
        opened: list[str] = []
        alice.page.on("framenavigated", lambda frame: opened.append(frame.url))
        requested: list[str] = []
        alice.page.on("request", lambda request: requested.append(request.url.partition("?")[0]))

        await alice.page.get_by_role("button", name="Sign out", exact=True).click()

        await alice.page.wait_for_url(f"{development_site.url}/signed-out")
        await expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
        assert [url for url in requested if url.endswith("/end_session")]
        assert opened[0] == f"{development_site.url}/account/signout"


@pytest.mark.full
async def test_signing_out_everywhere_ends_the_session_of_another_browser(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as first, person_at(development_site, browser) as second:
        await _sign_in(first, "Bob Example")
        await _sign_in(second, "Bob Example")

        await second.page.get_by_role("button", name="Sign out everywhere").click()

        await second.page.wait_for_url(f"{development_site.url}/signed-out")
        await first.page.reload()
        await first.sees_nobody()


@pytest.mark.full
async def test_one_session_of_another_browser_is_ended_from_the_list(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as lost, person_at(development_site, browser) as here:
        await _sign_in(here, "Bob Example")
        await here.page.get_by_role("button", name="Sign out everywhere").click()
        await _sign_in(lost, "Bob Example")
        await _sign_in(here, "Bob Example")

        await here.page.get_by_role("button", name=re.compile("^Sign out of ")).click()

        await expect(here.page.locator(".sessions li")).to_have_count(1)
        await here.sees_account_of("Bob Example")
        await lost.page.reload()
        await lost.sees_nobody()


@pytest.mark.full
async def test_a_sign_in_that_is_given_up_leaves_the_session_as_it_is(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await _sign_in(alice)
        before = await alice.session_token()
        await alice.open("/api/v1/auth/signin")
        await alice.page.wait_for_url(lambda url: not url.startswith(development_site.url))

        await alice.open("/account")

        await alice.sees_account_of("Alice Example")
        assert await alice.session_token() == before


@pytest.mark.full
async def test_cancelling_at_the_provider_shows_the_reason_and_the_request_id(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as person:
        await person.begin()

        async with person.page.expect_response(callback_of(development_site)) as refused:
            await person.page.get_by_role("button", name="Cancel").click()

        answer = await refused.value
        assert answer.status == 403
        await expect(person.page.get_by_text("did not let you in, or you cancelled")).to_be_visible()
        await expect(person.page.locator("dd code").first).to_have_text("access_denied")
        await expect(person.page.locator("dd code").last).to_have_text(answer.headers["x-request-id"])
        await person.page.get_by_role("link", name="Sign in again").click()
        await choose_persona(person.page)
        await person.sees_account_of("Alice Example")


@pytest.mark.full
async def test_a_callback_address_opened_again_says_already_signed_in_and_hurts_nothing(
    development_site: Site, browser: Browser
) -> None:
    async with person_at(development_site, browser) as alice:
        await alice.begin()
        async with alice.page.expect_response(callback_of(development_site)) as completed:
            await choose_persona(alice.page)
        await alice.sees_account_of("Alice Example")
        before = await alice.session_token()

        again = await alice.page.goto((await completed.value).url)

        assert again is not None
        assert again.status == 409
        await expect(alice.page.get_by_role("heading", name="You are already signed in")).to_be_visible()
        await alice.page.go_back()
        await alice.sees_account_of("Alice Example")
        assert await alice.session_token() == before


async def _walk_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus bears this name."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        shown: str = await page.evaluate("document.activeElement.innerText")
        if any(line.startswith(name) for line in shown.splitlines()):
            return
    raise AssertionError(f"{name} cannot be reached by the keyboard")
