"""The browser that the tests found is one that Playwright can drive."""

import pytest
from playwright.async_api import async_playwright

pytestmark = pytest.mark.browser


async def test_playwright_drives_the_browser_that_was_found(chromium_path: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path)
        page = await browser.new_page()
        await page.set_content("<form><label>Name <input name=name></label></form>")
        await page.get_by_label("Name").fill("alice")

        filled = await page.get_by_label("Name").input_value()

        await browser.close()
    assert filled == "alice"
