"""Two whole systems for all tests, and a browser."""

from collections.abc import AsyncGenerator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.site import Site
from tests.support.sites import run_development_site, run_production_site

BROWSER_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


@pytest.fixture(scope="session")
def development_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plain HTTP, the development profile, the development provider."""
    with run_development_site(tmp_path_factory.mktemp("development")) as site:
        yield site


@pytest.fixture(scope="session")
def production_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The production profile, TLS, and a provider that shares no code with ours."""
    with run_production_site(tmp_path_factory.mktemp("production")) as site:
        yield site


@pytest.fixture(scope="session")
async def browser(chromium_path: str) -> AsyncGenerator[Browser]:
    """One browser for all tests; each makes contexts of its own in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=list(BROWSER_ARGUMENTS)
        )
        yield browser
        await browser.close()
