"""The browser that the tests found is one that Playwright can drive."""

import pytest
from playwright.async_api import Browser

pytestmark = pytest.mark.browser


async def test_playwright_drives_the_browser_that_was_found(browser: Browser) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        await page.set_content("<form><label>Name <input name=name></label></form>")
        await page.get_by_label("Name").fill("alice")

        filled = await page.get_by_label("Name").input_value()

    assert filled == "alice"
