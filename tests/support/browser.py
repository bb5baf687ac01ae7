"""The browser that ``scripts/test`` found or fetched."""

import os
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser

VARIABLE = "NETSCRIPT_CHROMIUM"
PATIENCE_MILLISECONDS = 60_000
_FOUND = pytest.StashKey[str | None]()
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Read the variable before the tests' environment is emptied of all ``NETSCRIPT_*``."""
    config.stash[_FOUND] = os.environ.get(VARIABLE)


@pytest.fixture(scope="session")
def chromium_path(pytestconfig: pytest.Config) -> str:
    """Program to give to Playwright as ``executable_path``."""
    path = pytestconfig.stash[_FOUND]
    if not path:
        pytest.fail(f"no browser named by {VARIABLE}: scripts/test finds one, or gets one")
    return path


@pytest.fixture(scope="session")
async def browser(chromium_path: str) -> AsyncGenerator["Browser"]:
    """One browser for all tests; each makes contexts of its own in it."""
    # Most runs of pytest have no test that needs it, and would import it all the same.
    from playwright.async_api import async_playwright, expect

    expect.set_options(timeout=PATIENCE_MILLISECONDS)  # by itself it waits for 5 s, whatever contexts do
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(_ARGUMENTS))
        yield browser
        await browser.close()
