"""What holds for every test: one event loop, no configuration from outside, one hypothesis profile."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.ports import unused_port
from tests.support.spreading import FilesAndGroups

pytest_plugins = [
    "tests.support.adapter_environment",
    "tests.support.better_auth",
    "tests.support.browser",
    "tests.support.documented",
    "tests.support.emulators",
    "tests.support.oidc_provider",
    "tests.support.postgresql",
    "tests.support.production",
    "tests.support.valkey",
    "tests.support.workos_emulator",
]

# What takes long to start or make: the tests that use one run in the same process.
SHARED_SERVERS = (
    "development_site",
    "production_site",
    "production_environment",
    "adapter_environment",
    "oidc_provider",
    "better_auth",
    "better_auth_on_postgresql",
    "emulators",
    "chromium_path",
    "workos_emulator",
)

settings.register_profile("local", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("full", deadline=None, max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of ``scripts/test``."""
    parser.addoption("--full", action="store_true", help="also run tests that take minutes; more examples")
    parser.addoption("--list-needs", metavar="FILE", help="write the markers of the chosen tests into FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how hypothesis works: the same examples each time in CI, many with ``--full``."""
    profile = "ci" if os.environ.get("CI") else "local"
    settings.load_profile("full" if config.getoption("full") else profile)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each process a file of tests at a time, where groups are wanted."""
    return FilesAndGroups(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while thousands of tests are made, nor ever again among them: half of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests of a shared server in one process, begin with slow ones, leave the longest to ``--full``.

    A slow one at the end would keep one process busy while all others have nothing left to do.
    """
    for item in items:
        shared = next((name for name in SHARED_SERVERS if name in getattr(item, "fixturenames", ())), None)
        if shared:
            item.add_marker(pytest.mark.xdist_group(shared))
    items.sort(key=_is_quick)
    if config.getoption("full"):
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
    items[:] = [item for item in items if not item.get_closest_marker("full")]


def _is_quick(item: pytest.Item) -> bool:
    return not (item.get_closest_marker("slow") or item.get_closest_marker("xdist_group"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell ``scripts/test`` what the chosen tests need before it runs them."""
    target = session.config.getoption("list_needs")
    if target:
        names = {mark.name for item in session.items for mark in item.iter_markers()}
        Path(target).write_text("\n".join(sorted(names)) + "\n")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop of production; for the session, so that async fixtures may live as long."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def no_configuration_from_outside() -> Iterator[None]:
    """A test's configuration is what the test says, whatever is set where it runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("NETSCRIPT_")]:
            patch.delenv(name)
        yield


@pytest.fixture
def free_port() -> int:
    """A loopback port for a server that cannot choose one itself."""
    return unused_port()
