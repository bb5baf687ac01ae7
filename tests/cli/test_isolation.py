"""What plugins start when they are imported ends with the command, however either of them ends."""

import signal
import sys
from datetime import timedelta
from pathlib import Path
from textwrap import indent

import pytest
from pydantic import TypeAdapter

from netscript_cli.isolation.running import Isolation, run_tasks
from netscript_cli.isolation.tasks import Task
from tests.cli.supervised import is_alive
from tests.support.commands import run
from tests.support.program import started
from tests.support.workspaces import MadeWorkspace, listed_as

NETSCRIPT = Path(sys.executable).with_name("netscript")
HIDES = """
import os, pathlib, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
importer = os.getpid()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pathlib.Path("hidden").write_text(str(os.getpid()))
        os.kill(importer, signal.SIGUSR1)
        while True: signal.pause()
    os._exit(0)
signal.sigwait([signal.SIGUSR1])
"""
DEAF = """
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("deaf").touch()
while True: signal.pause()
"""


def test_one_process_does_all_that_a_command_wants_until_something_breaks_it(tmp_path: Path) -> None:
    number = TypeAdapter(int)
    who = Task("good", "os:getpid", number)
    exits = Task("bad", "os:_exit", number, {"status": 3})
    with Isolation(tmp_path, ["os:getpid", "os:_exit"]) as isolation:
        first = isolation.run([who])
        second = isolation.run([who, exits, who])
        third = isolation.run([who])

    (process,) = {each.answer for each in (*first, second[0])}
    assert second[1].broken == "ends the process, with exit code 3"
    assert second[2].answer == third[0].answer != process


def test_who_hangs_because_of_what_another_left_behind_is_not_to_blame(tmp_path: Path, hangs: str) -> None:
    leaves = "import sys; sys.left = True"
    stumbles = f"import sys\nif hasattr(sys, 'left'):\n{indent(hangs, '    ')}"
    took = TypeAdapter(float)
    tasks = [
        Task(owner, "timeit:timeit", took, {"stmt": source, "number": 1})
        for owner, source in (("guilty", leaves), ("innocent", stumbles), ("innocent", stumbles))
    ]

    outcomes = run_tasks(tmp_path, tasks, timedelta(minutes=1))

    assert [each.broken for each in outcomes] == [None, None, None]


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("", "exports no manifest"),
        ("os._exit(7)", "ends the process"),
        ("os.kill(os.getppid(), signal.SIGKILL); signal.pause()", "ends the process by the signal Killed"),
        ("os.kill(os.getppid(), signal.SIGSTOP)", "exports no manifest"),
    ],
    ids=["goes on", "exits", "kills the guard", "stops the guard"],
)
def test_what_hides_itself_while_a_plugin_is_imported_ends_with_the_command(
    made: MadeWorkspace, ending: str, told: str
) -> None:
    made.breaks("bad", f"{HIDES}{ending}\n")
    made.lists(listed_as("bad"))

    said = run("plugin", "doctor", "--project-root", str(made.root))

    assert told in said.output
    assert not is_alive(int((made.root / "hidden").read_text()))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_a_plugin_that_hears_no_signal_is_left_when_the_command_is_killed(
    made: MadeWorkspace, number: signal.Signals
) -> None:
    made.breaks("bad", f"{HIDES}{DEAF}")
    made.lists(listed_as("bad"))

    with started((NETSCRIPT, "plugin", "doctor"), {}, made.root) as program:
        program.wait_until((made.root / "deaf").exists, "the plugin is imported")
        program.signal_main(number)

        assert program.wait() == -number
        program.wait_until_gone()
        assert not is_alive(int((made.root / "hidden").read_text()))
