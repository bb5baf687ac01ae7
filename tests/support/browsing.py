"""People at a real browser, and what the browser complains about on our pages."""

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Cookie,
    Error,
    Page,
    Response,
    expect,
)

from tests.support.auth_api_process import CALLBACK
from tests.support.browser import PATIENCE_MILLISECONDS
from tests.support.site import Site

_PICTURES = Path(__file__).parents[2] / "screenshots"
_TELLS_VIOLATIONS = """
addEventListener("securitypolicyviolation", event => console.error(
    `${event.documentURI} violates ${event.violatedDirective} with ${event.blockedURI}`))
"""
# The browser repeats on the console that a page came with an error status, which some tests are about.
_OF_AN_ERROR_PAGE = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Person:
    """Somebody with a browser profile of their own.

    Attributes:
        context: The profile.
        page: Its first tab.
        complaints: Errors on the console, uncaught exceptions and violations of a content security policy.
    """

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list[str])

    async def open(self, path: str, page: Page | None = None) -> Response:
        """Open an address of auth-api as if it had been typed."""
        answer = await (page or self.page).goto(f"{self.site.url}{path}")
        assert answer is not None
        return answer

    async def begin(self, page: Page | None = None) -> None:
        """Begin a sign-in on the account page; the browser is at the provider then."""
        page = page or self.page
        await self.open("/account", page)
        await page.get_by_role("link", name="Sign in").click()
        await page.wait_for_url(lambda url: not url.startswith(self.site.url))

    async def sees_account_of(self, name: str, page: Page | None = None) -> None:
        """Make sure that the tab shows this person's account."""
        page = page or self.page
        await page.wait_for_url(f"{self.site.url}/account")
        await expect(page.get_by_role("heading", name=name)).to_be_visible()

    async def sees_nobody(self, page: Page | None = None) -> None:
        """Make sure that the tab says that nobody is signed in."""
        await expect((page or self.page).get_by_role("heading", name="You are not signed in")).to_be_visible()

    async def session_cookie(self) -> Cookie:
        """Return the session cookie as the browser keeps it; without a value where there is none."""
        name = self.site.session_cookie
        kept = await self.context.cookies(self.site.url)
        return next((cookie for cookie in kept if cookie.get("name") == name), Cookie(name=name))

    async def session_token(self) -> str:
        """Return the session cookie's value; empty where there is none."""
        return (await self.session_cookie()).get("value", "")


@asynccontextmanager
async def person_at(site: Site, browser: Browser) -> AsyncGenerator[Person]:
    """Lend a profile with an empty tab; afterwards, no page of ours may have given reason to complain."""
    context = await browser.new_context(ignore_https_errors=site.certificates is not None)
    try:
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        person = Person(site, context, await context.new_page())
        await _listen(person)
        yield person
        assert not person.complaints, person.complaints
    except BaseException:
        await _keep_pictures(context)
        raise
    finally:
        await context.close()


async def choose_persona(page: Page, name: str = "Alice Example") -> None:
    """Click on somebody at the development provider."""
    await page.get_by_role("button", name=name).click()


async def sign_in_at_peer(page: Page, login: str = "alice") -> None:
    """Fill the forms of the certified provider."""
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


def callback_of(site: Site) -> re.Pattern[str]:
    """Return what fits the addresses where providers send the browser back to."""
    return re.compile(f"^{re.escape(site.url + CALLBACK)}")


async def _keep_pictures(context: BrowserContext) -> None:
    """Show what the tabs looked like when a test failed."""
    name = re.sub(r"[^a-z0-9]+", "-", os.environ.get("PYTEST_CURRENT_TEST", "").rpartition("::")[2].lower())
    for number, page in enumerate(context.pages):
        with suppress(Error):
            await page.screenshot(path=_PICTURES / f"{name}-{number}.png")


async def _listen(person: Person) -> None:
    def heard(message: ConsoleMessage) -> None:
        is_ours = message.page is not None and message.page.url.startswith(person.site.url)
        if is_ours and message.type in {"error", "warning"} and not _OF_AN_ERROR_PAGE.match(message.text):
            person.complaints.append(f"{message.location['url']}: {message.text}")

    person.context.on("console", heard)
    person.context.on("weberror", lambda error: person.complaints.append(str(error.error)))
    await person.context.add_init_script(_TELLS_VIOLATIONS)
