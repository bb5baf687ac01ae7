"""The browser that ``scripts/test`` found or fetched."""

import os

import pytest

VARIABLE = "NETSCRIPT_CHROMIUM"
_FOUND = pytest.StashKey[str | None]()


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
