"""Two commands at once in one workspace: each reads what the other has written, and nothing is lost."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from netscript_cli.workspace.taking_turns import workspace_to_write
from netscript_kernel.plugins import define_plugin
from tests.support.commands import run
from tests.support.workspaces import MadeWorkspace, listed_as

WAITS = "another command writes to this workspace"


def begun(made: MadeWorkspace, *words: str) -> "subprocess.Popen[str]":
    """Begin a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "netscript_cli", *words, "--project-root", str(made.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Let a command end."""
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


@pytest.fixture
def empty(made: MadeWorkspace) -> MadeWorkspace:
    made.lists()
    return made


def test_a_command_that_writes_waits_for_the_other_and_sees_what_that_wrote(
    empty: MadeWorkspace,
) -> None:
    with workspace_to_write(empty.root):
        waiting = begun(empty, "plugin", "new", "worker", "--name", "second", "--json")
        assert waiting.stderr is not None
        told = waiting.stderr.readline()
        empty.add(
            define_plugin("first", "0.1.0").with_service("first-api", "plugins.first.service:main", 8095)
        )

    code, output, _ = ended(waiting)

    assert WAITS in told
    assert (code, json.loads(output)["port"]) == (0, 8096)
    assert empty.read().plugins == (listed_as("first"), listed_as("second"))


@pytest.mark.parametrize(
    "words", [("plugin", "add", "./plugins/one"), ("plugin", "remove", "one"), ("generate", "plugins")]
)
def test_every_command_that_writes_takes_its_turn(empty: MadeWorkspace, words: Sequence[str]) -> None:
    empty.add(define_plugin("one", "0.1.0"))

    with workspace_to_write(empty.root):
        waiting = begun(empty, *words)
        assert waiting.stderr is not None
        told = waiting.stderr.readline()

    assert WAITS in told
    assert ended(waiting)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "plugins", "--check"),
        ("generate", "plugins", "--dry-run"),
        ("plugin", "new", "worker", "--name", "two", "--dry-run"),
        ("plugin", "remove", "one", "--dry-run"),
        ("plugin", "list"),
    ],
)
def test_whoever_only_looks_waits_for_nobody(empty: MadeWorkspace, words: Sequence[str]) -> None:
    empty.add(define_plugin("one", "0.1.0"))

    with workspace_to_write(empty.root):
        told = run(*words, "--project-root", str(empty.root))

    assert (told.code, told.errors) == (0, "")


def test_the_turn_of_a_command_that_was_killed_is_over(empty: MadeWorkspace) -> None:
    holds = (
        "import pathlib, signal, sys\n"
        "from netscript_cli.workspace.taking_turns import workspace_to_write\n"
        "with workspace_to_write(pathlib.Path(sys.argv[1])):\n"
        "    print('on', flush=True); signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(empty.root)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "on\n"
        holder.kill()

    told = run("generate", "plugins", "--project-root", str(empty.root))

    assert (told.code, told.errors) == (0, "")


def test_where_a_folder_cannot_be_held_nobody_waits(
    empty: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("fcntl.flock", refuse)

    assert run("plugin", "new", "worker", "--name", "one", "--project-root", str(empty.root)).code == 0


def test_nothing_is_left_of_a_turn(empty: MadeWorkspace) -> None:
    with workspace_to_write(empty.root):
        found = sorted(path.name for path in Path(empty.root).iterdir())

    assert found == ["netscript.toml"]
