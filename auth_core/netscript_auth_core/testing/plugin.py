"""The pytest plugin: ``pytest --pyargs netscript_auth_core.testing.suite --auth-backend acme.testing:open``.

pytest imports this module at every start, so it imports nothing of the kit itself.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

import pytest

Factory: TypeAlias = Callable[[], object]

OPTION = "--auth-backend"
FACTORY = pytest.StashKey[Factory]()
REPORT = "netscript auth backend"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names what is judged."""
    parser.getgroup("netscript", "NetScript").addoption(
        OPTION,
        metavar="MODULE:FACTORY",
        help="what netscript_auth_core.testing.suite judges. FACTORY gives a BackendUnderTest: "
        "it is a function, a coroutine function, or an async context manager",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the factory before any test runs."""
    path: str | None = config.getoption(OPTION)
    if path is not None:
        config.stash[FACTORY] = find_factory(path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the backend supports, if a backend was judged."""
    reports = (report for of_outcome in terminalreporter.stats.values() for report in of_outcome)
    tests = (report for report in reports if isinstance(report, pytest.TestReport))
    found = (value for test in tests for name, value in test.user_properties if name == REPORT)
    lines = next(found, None)
    if isinstance(lines, str):
        terminalreporter.section(REPORT)
        terminalreporter.write_line(lines)


def find_factory(path: str) -> Factory:
    """Import what ``module:factory`` names.

    Raises:
        pytest.UsageError: says which part of it does not lead anywhere.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise pytest.UsageError(
            f"{OPTION} {path}: has to be MODULE:FACTORY, such as acme.testing:open_subject"
        )
    try:
        found: object = import_module(module_name)
    except ImportError as error:
        raise pytest.UsageError(f"{OPTION} {path}: cannot import {module_name}: {error}") from error
    for name in attribute.split("."):
        found = getattr(found, name, None)
    if not callable(found):
        raise pytest.UsageError(f"{OPTION} {path}: {module_name} has no function {attribute}")
    return found
