"""A workspace that lists auth and nothing else: one command, a sign-in at a browser, an end without rest."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.auth_api_process import NETSCRIPT, is_ready
from tests.support.browser import PATIENCE_MILLISECONDS
from tests.support.browsing import choose_persona
from tests.support.ports import unused_port
from tests.support.program import Program, started

pytestmark = pytest.mark.slow
LISTS_AUTH = 'name = "acme"\nversion = "0.1.0"\nplugins = ["netscript-plugin-auth"]\n'
READY = "Stop with Ctrl-C"


@dataclass(frozen=True)
class Running:
    """A workspace that runs.

    Attributes:
        port: Of auth-api.
        program: ``netscript dev``.
    """

    port: int
    program: Program

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def gate(self, folder: Path) -> Program:
        """Run ``netscript e2e`` beside it, to its end."""
        command = (NETSCRIPT, "e2e", "--port", f"auth-api={self.port}")
        with started(command, {}, folder) as gate:
            gate.wait()
            return gate


@contextmanager
def running(folder: Path) -> Generator[Running]:
    """Run a workspace with auth in a folder, from when it is ready."""
    (folder / "netscript.toml").write_text(LISTS_AUTH)
    port = unused_port()
    command = (NETSCRIPT, "dev", "--port", f"auth-api={port}")
    with started(command, {"NETSCRIPT_DEV_PROVIDER_PORT": str(unused_port())}, folder) as program:
        program.wait_until(lambda: READY in program.stdout, "the workspace runs")
        yield Running(port, program)


@pytest.mark.browser
async def test_alice_signs_in_by_one_command_and_ctrl_c_leaves_nothing(
    tmp_path: Path, browser: Browser
) -> None:
    with running(tmp_path) as workspace:
        assert f"auth-api  http://localhost:{workspace.port}" in workspace.program.stdout
        workspace.program.wait_until(
            lambda: f"Open {workspace.url}/" in workspace.program.stdout, "auth-api names its page"
        )
        context = await browser.new_context()
        try:
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            page = await context.new_page()
            await page.goto(f"{workspace.url}/account")
            await page.get_by_role("link", name="Sign in").click()
            await choose_persona(page)
            await expect(page.get_by_role("heading", name="Alice Example")).to_be_visible()
        finally:
            await context.close()

        workspace.program.signal_group(signal.SIGINT)

        assert workspace.program.wait() == 0
        workspace.program.wait_until_gone()
        assert not is_ready(workspace.port)
        assert "Traceback" not in workspace.program.stdout + workspace.program.stderr


def test_a_stop_is_told_once_though_auth_api_runs_a_provider_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path) as workspace:
        workspace.program.signal_group(signal.SIGINT)

        assert workspace.program.wait() == 0
        told = [line for line in workspace.program.stdout.splitlines() if "stopping" in line]
        assert len(told) == 1


def test_its_gate_passes_beside_it_auth_api_comes_back_when_it_dies_and_kill_leaves_nothing(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as workspace:
        program = workspace.program
        passed = workspace.gate(tmp_path)
        assert (passed.exit_code, passed.stdout.splitlines()[-1]) == (0, "1 gate: all passed")

        _kill_auth_api(program)
        program.wait_until(lambda: "auth-api is ready again" in program.stdout, "it is back")
        program.wait_until(lambda: is_ready(workspace.port), "and answers")

        program.signal_main(signal.SIGKILL)
        program.wait_until_gone()
        failed = workspace.gate(tmp_path)
        assert failed.exit_code == 1
        assert "start it with netscript dev" in failed.stdout


def _kill_auth_api(program: Program) -> None:
    """Kill the whole process of the plugin, as when memory runs out: what it had started is not told."""
    for process in program.process_ids():
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"netscript_kernel.plugins.process" in words and b"-P" in words[:2]:
            os.kill(process, signal.SIGKILL)
            return
    raise AssertionError("it is not there")
