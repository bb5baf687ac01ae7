"""``--auth-backend``: a stranger's adapter is judged without a line of test code."""

import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from netscript_auth_core.errors import AuthError
from netscript_auth_core.testing import BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject
from netscript_auth_core.testing.plugin import find_factory
from netscript_auth_core.testing.suite import opened

SUITE = ("--pyargs", "netscript_auth_core.testing.suite", "-p", "no:cacheprovider")
MEMORY = "netscript_auth_core.testing.memory_subject:memory_subject"
BROKEN = """
from contextlib import asynccontextmanager

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.testing.memory_subject import memory_subject


class ForgetsToLook(MemoryAuthBackend):
    async def check_health(self):
        pass


def open_broken():
    return memory_subject(ForgetsToLook)
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as somebody would who has their own project, with no settings of this one."""
    # Without the plugins here that take a second to import.
    command = [sys.executable, "-m", "pytest", "-p", "no:schemathesis", "-p", "no:valkey", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)  # ours


@pytest.mark.slow
def test_a_backend_that_keeps_the_port_passes_and_its_abilities_are_shown(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, *SUITE, "--auth-backend", MEMORY, "-k", "Auth and (port or parts or once)")

    assert run.returncode == pytest.ExitCode.OK, run.stdout
    assert "= netscript auth backend =" in run.stdout
    assert "backend             memory\nsignin              yes\n" in run.stdout


@pytest.mark.slow
def test_a_backend_that_breaks_the_port_fails(tmp_path: Path) -> None:
    (tmp_path / "acme_testing.py").write_text(BROKEN)

    run = run_pytest(tmp_path, *SUITE, "--auth-backend", "acme_testing:open_broken", "-k", "health")

    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "test_health_follows_what_reads_need" in run.stdout


@pytest.mark.slow
def test_the_suite_asks_what_to_judge(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, *SUITE)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--auth-backend MODULE:FACTORY" in run.stdout + run.stderr


@pytest.mark.slow
def test_a_wrong_factory_is_a_usage_error(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, *SUITE, "--auth-backend", "acme.nowhere:open")

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "cannot import acme.nowhere" in run.stderr


@pytest.mark.slow
def test_the_plugin_costs_other_projects_nothing(tmp_path: Path) -> None:
    heavy = ("hypothesis", "netscript_auth_core.testing.conformance", "netscript_auth_core.ports", "pydantic")
    code = f"import sys, netscript_auth_core.testing.plugin; print([m for m in {heavy} if m in sys.modules])"

    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)  # ours

    assert run.stdout == "[]\n", run.stderr


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("acme", "has to be MODULE:FACTORY"),
        (":open", "has to be MODULE:FACTORY"),
        ("acme:", "has to be MODULE:FACTORY"),
        ("acme.nowhere:open", "cannot import acme.nowhere"),
        ("sys:no_such_function", "sys has no function no_such_function"),
        ("sys:version", "sys has no function version"),
    ],
)
def test_what_is_wrong_with_a_path_is_said(path: str, problem: str) -> None:
    with pytest.raises(pytest.UsageError, match=problem):
        find_factory(path)


def test_a_factory_may_be_an_attribute_of_something() -> None:
    assert find_factory("pathlib:Path.cwd")() == Path.cwd()


class Manager(AbstractAsyncContextManager[BackendUnderTest]):
    """A context manager that notes when it is left."""

    def __init__(self, subject: BackendUnderTest) -> None:
        self.subject = subject
        self.is_left = False

    async def __aenter__(self) -> BackendUnderTest:
        return self.subject

    async def __aexit__(self, *details: object) -> None:
        self.is_left = True


@pytest.fixture
async def ready() -> AsyncGenerator[BackendUnderTest, None]:
    async with memory_subject() as subject:
        yield subject


@pytest.mark.parametrize("kind", ["function", "coroutine function", "context manager"])
async def test_a_factory_is_any_of_three_kinds(ready: BackendUnderTest, kind: str) -> None:
    async def give() -> BackendUnderTest:
        return ready

    kinds: dict[str, Callable[[], object]] = {
        "function": lambda: ready,
        "coroutine function": give,
        "context manager": lambda: Manager(ready),
    }

    async with opened(kinds[kind]) as subject:
        assert subject is ready


async def test_a_context_manager_is_left_in_the_end(ready: BackendUnderTest) -> None:
    manager = Manager(ready)

    async with opened(lambda: manager):
        assert not manager.is_left

    assert manager.is_left


async def test_a_factory_that_gives_something_else_is_a_usage_error() -> None:
    with pytest.raises(pytest.UsageError, match="the factory gave AuthError, not a BackendUnderTest"):
        async with opened(AuthError):
            raise AssertionError("it was taken for a subject")
