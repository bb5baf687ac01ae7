"""Whatever kills whom: nothing of a guarded program outlives its supervisor."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netscript_cli.supervisor import guard
from tests.cli.supervised import is_alive

# Starts a child of its own that leaves the group, and forgets its variables.
PARENT = """
import os, pathlib, signal, subprocess, sys
folder = pathlib.Path(sys.argv[1])
grandchild = (
    "import os, pathlib, signal, sys;"
    "pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); print('grandchild', flush=True); signal.pause()"
)
command = [sys.executable, "-I", "-S", "-c", grandchild, str(folder / "grandchild")]
first = subprocess.Popen(command, start_new_session=True, env={}, stdout=subprocess.PIPE)
first.stdout.readline()
(folder / "child").write_text(str(os.getpid()))
print("on", flush=True)
"""
DEAF_BELOW = PARENT.replace('signal, sys;"', 'signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"')
# The first thread ends, the other one runs on: /proc shows the whole process as ended.
WITHOUT_FIRST_THREAD = """
import ctypes, os, pathlib, sys, threading
folder = pathlib.Path(sys.argv[1])
if os.fork() == 0:
    os.setsid()
    libc, first = ctypes.CDLL(None), threading.get_native_id()
    def run_on():
        while ") Z " not in open(f"/proc/{first}/task/{first}/stat").read():
            pass
        (folder / "child").write_text(str(os.getpid()))
        print("on", flush=True)
        threading.Event().wait()
    threading.Thread(target=run_on).start()
    libc.pthread_exit(None)
"""
WAITING = "signal.pause()\n"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


@contextmanager
def guarded(folder: Path, source: str, limit: float = 10.0) -> Generator[subprocess.Popen[bytes]]:
    """Run a program of Python behind a guard, from when it says that it is on."""
    command = (sys.executable, "-I", "-S", "-c", source, str(folder))
    with subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, str(limit), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        try:
            yield process
        finally:
            for name in ("child", "grandchild"):
                kill(folder, name)
            process.kill()


def kill(folder: Path, name: str) -> None:
    if is_there(folder, name):
        os.kill(int((folder / name).read_text()), signal.SIGKILL)


def is_there(folder: Path, name: str) -> bool:
    return (folder / name).exists() and is_alive(int((folder / name).read_text()))


def left(folder: Path) -> list[str]:
    return [name for name in ("child", "grandchild") if is_there(folder, name)]


def end_input(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def terminate(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)


def leave(process: subprocess.Popen[bytes]) -> None: ...


def insist(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGQUIT)


@pytest.mark.parametrize(
    ("stop", "source", "code"),
    [
        (terminate, PARENT + WAITING, -signal.SIGTERM),
        (end_input, PARENT + WAITING, -signal.SIGTERM),
        (insist, DEAF.join(("import signal\n", PARENT + WAITING)), -signal.SIGKILL),
        (leave, PARENT + "raise SystemExit(7)\n", 7),
        (leave, DEAF_BELOW + "os.kill(os.getpid(), signal.SIGKILL)\n", -signal.SIGKILL),
    ],
    ids=["stopped", "without a supervisor", "at once", "by itself", "killed"],
)
def test_a_grandchild_that_hid_itself_ends_with_its_program_and_the_code_is_the_programs(
    tmp_path: Path, stop: Callable[[subprocess.Popen[bytes]], None], source: str, code: int
) -> None:
    with guarded(tmp_path, source) as process:
        stop(process)

        assert process.wait(20) == code
        assert left(tmp_path) == []


def test_a_program_that_will_not_stop_is_ended_after_the_limit(tmp_path: Path) -> None:
    with guarded(tmp_path, f"import signal\n{DEAF}{PARENT}{WAITING}", limit=0.2) as process:
        terminate(process)

        assert process.wait(20) == -signal.SIGKILL
        assert left(tmp_path) == []


def test_what_lost_its_first_thread_ends_with_its_program(tmp_path: Path) -> None:
    with guarded(tmp_path, WITHOUT_FIRST_THREAD + "import signal; signal.pause()\n") as process:
        insist(process)

        assert process.wait(20) == -signal.SIGKILL
        assert left(tmp_path) == []


def test_a_program_ends_even_when_its_guard_is_killed(tmp_path: Path) -> None:
    with guarded(tmp_path, f"import signal\n{DEAF}{PARENT}{WAITING}") as process:
        process.kill()
        process.wait(20)

        deadline = time.monotonic() + 20
        while "child" in left(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.01)
