"""The other tests would notice a page of ours that has an error or breaks its security policy."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.support.browser import PATIENCE_MILLISECONDS
from tests.support.browsing import person_at
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BREAKS_THE_POLICY = """new Promise(told => {
    addEventListener("securitypolicyviolation", () => told())
    document.body.append(Object.assign(document.createElement("script"), {text: "1"}))
})"""
THROWS = "reportError(new Error('broken'))"


@pytest.mark.parametrize(
    ("script", "words"),
    [(BREAKS_THE_POLICY, "violates script-src"), (THROWS, "broken"), ("console.error('odd')", "odd")],
    ids=["policy", "exception", "console"],
)
async def test_what_goes_wrong_on_a_page_of_ours_is_heard(
    development_site: Site, browser: Browser, script: str, words: str
) -> None:
    async with person_at(development_site, browser) as person:
        await person.open("/account")

        await person.page.evaluate(script)

        # The browser tells when it gets to it, and of some of them twice.
        async with asyncio.timeout(PATIENCE_MILLISECONDS / 1000):
            while not any(words in complaint for complaint in person.complaints):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await person.page.close()
        person.complaints.clear()
