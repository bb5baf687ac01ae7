"""Processes side by side: ready together, ended together, nothing left behind."""

import os
import signal
import sys
from pathlib import Path

import anyio
import pytest

from netscript_plugin_auth.development import supervisor
from netscript_plugin_auth.development.supervisor import Program, supervise
from tests.support.ports import unused_port

SERVER = """
import http.server, os, pathlib, sys
pathlib.Path(sys.argv[2]).write_text(str(os.getpid()))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER


def server(name: str, folder: Path, source: str = SERVER) -> Program:
    port = unused_port()
    command = (sys.executable, "-c", source, str(port), str(folder / name))
    return Program(name, command, dict(os.environ), f"http://127.0.0.1:{port}/")


def failing(code: int) -> Program:
    command = (sys.executable, "-c", f"raise SystemExit({code})")
    return Program("failing", command, dict(os.environ), f"http://127.0.0.1:{unused_port()}/")


def is_alive(folder: Path, name: str) -> bool:
    try:
        os.kill(int((folder / name).read_text()), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_all_of_them_and_is_no_failure(tmp_path: Path, number: signal.Signals) -> None:
    were_alive: list[bool] = []

    def on_ready() -> None:
        were_alive.extend(is_alive(tmp_path, name) for name in ("one", "two"))
        os.kill(os.getpid(), number)

    code = await supervise([server("one", tmp_path), server("two", tmp_path)], on_ready)

    assert (code, were_alive) == (0, [True, True])
    assert [is_alive(tmp_path, name) for name in ("one", "two")] == [False, False]


async def test_when_one_ends_by_itself_all_end_and_it_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def on_ready() -> None:
        os.kill(int((tmp_path / "two").read_text()), signal.SIGKILL)

    code = await supervise([server("one", tmp_path), server("two", tmp_path)], on_ready)

    assert code == 1
    assert "two ended by itself with exit code -9" in capfd.readouterr().err
    assert not is_alive(tmp_path, "one")


@pytest.mark.parametrize(("code", "told"), [(2, 2), (0, 1)])
async def test_when_one_never_gets_ready_its_exit_code_is_ours(tmp_path: Path, code: int, told: int) -> None:
    announced: list[bool] = []

    result = await supervise([server("one", tmp_path), failing(code)], lambda: announced.append(True))

    assert (result, announced) == (told, [])


async def test_one_that_will_not_stop_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)

    code = await supervise(
        [server("stubborn", tmp_path, STUBBORN)], lambda: os.kill(os.getpid(), signal.SIGTERM)
    )

    assert code == 0
    assert not is_alive(tmp_path, "stubborn")


async def test_one_that_never_answers_ends_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "START_SECONDS", 0.5)
    silent = Program(
        "silent", server("silent", tmp_path).command, dict(os.environ), f"http://127.0.0.1:{unused_port()}/"
    )

    with anyio.fail_after(20):
        code = await supervise([silent], lambda: None)

    assert code == 1
    assert "not ready after" in capfd.readouterr().err


async def test_a_program_that_does_not_exist_leaves_nothing_running(tmp_path: Path) -> None:
    missing = Program("missing", (str(tmp_path / "missing"),), {}, "http://127.0.0.1:9/")

    with pytest.raises(FileNotFoundError):
        await supervise([missing], lambda: None)
