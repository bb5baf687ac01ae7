"""The command line: help without imports, the right group run, clear words otherwise."""

import resource
import statistics
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from netscript_cli.groups import CommandGroup, installed_groups
from netscript_cli.main import main
from netscript_cli.own_commands import OWN_COMMANDS


def group(name: str, value: str, fault: str | None = None) -> CommandGroup:
    point = EntryPoint(name, value, "netscript.commands")
    return CommandGroup(name, f"acme-{name}", f"Words on {name}.", fault, point)


GROUPS = {
    "auth": group("auth", f"{__name__}:remember"),
    "lost": group("lost", "acme_lost:app", "its package acme_lost is not installed"),
}
remembered: list[tuple[list[str], str]] = []


def remember(args: list[str], prog_name: str) -> int:
    """Stand for a plugin's Typer app."""
    remembered.append((args, prog_name))
    return 7


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"]])
def test_help_lists_the_groups_and_marks_a_broken_one(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(words, GROUPS)

    told = capsys.readouterr().out
    assert code == 0
    assert "  auth  Words on auth." in told
    assert "  lost  (broken: its package acme_lost is not installed; from acme-lost)" in told


def test_a_group_that_has_the_name_of_an_own_command_is_marked_and_the_own_one_is_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    groups = {"plugin": group("plugin", f"{__name__}:remember")}
    remembered.clear()

    code = main(["--help"], groups)
    with pytest.raises(SystemExit):
        main(["plugin", "--help"], groups)

    told = capsys.readouterr().out
    assert code == 0
    assert "  plugin  (broken: plugin is a command of netscript itself; from acme-plugin)\n" in told
    assert "netscript plugin [OPTIONS]" in told
    assert remembered == []


def test_help_without_any_plugin_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--help"], {})

    assert code == 0
    assert "pip install netscript-plugin-auth" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--version"])

    assert code == 0
    assert capsys.readouterr().out.startswith("netscript 0.")


def test_a_group_gets_everything_after_its_name_and_its_exit_code_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "acme_stand_in", sys.modules[__name__])
    remembered.clear()

    code = main(["auth", "serve", "--help"], {"auth": group("auth", "acme_stand_in:remember")})

    assert code == 7
    assert remembered == [(["serve", "--help"], "netscript auth")]


def test_a_broken_group_fails_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["lost"], GROUPS)

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert "acme-lost cannot be used: its package acme_lost is not installed" in told.err


def test_an_unknown_group_says_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["Atuh"], GROUPS)

    assert code == 2
    told = capsys.readouterr().err
    assert told == (
        "netscript: no command named 'Atuh'\n"
        f"Fix: did you mean auth? there are: {', '.join(OWN_COMMANDS)}, auth, lost\n"
    )


def test_an_unknown_option_points_to_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--verbose"], GROUPS)

    assert code == 2
    assert "no option --verbose; see netscript --help" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["netscript_cli.main", "importlib.metadata", "typer"])
def test_ctrl_c_at_any_import_ends_it_with_130_and_no_word(at: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from netscript_cli.__main__ import start\n"
        "class Interrupting:\n"
        "    def find_spec(name, *more):\n"
        f"        if name == {at!r}: raise KeyboardInterrupt\n"
        "sys.modules.pop('importlib.metadata', None)\n"
        "sys.meta_path.insert(0, Interrupting)\n"
        "sys.argv[1:] = ['plugin', 'list']\n"
        "sys.exit(start())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_where_the_command_begins_nothing_else_of_ours_is_imported() -> None:
    program = (
        "import sys; import netscript_cli.__main__;"
        "sys.exit(','.join({each for each in sys.modules if each.startswith('netscript_')}"
        " - {'netscript_cli', 'netscript_cli.__main__'}) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_help_imports_no_plugin_and_no_command_line_library() -> None:
    program = (
        "import sys; from netscript_cli.main import main; main(['--help']);"
        "heavy = {'typer', 'rich', 'click', 'pydantic', 'netscript_plugin_auth'};"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_as_a_module_it_takes_no_file_of_the_working_directory_for_a_library(tmp_path: Path) -> None:
    for name in ("typer", "click", "json", "tomllib", "tomlkit", "pydantic", "logging", "netscript_kernel"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for a library')")
    command = [sys.executable, "-m", "netscript_cli", "plugin", "list"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "[WSP_NOT_FOUND]" in done.stderr


def test_as_a_module_it_runs_where_the_working_directory_is_gone(tmp_path: Path) -> None:
    command = f'rmdir "{tmp_path}"; exec "$0" -m netscript_cli --version'

    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_help_is_quick_beside_the_start_of_python_itself() -> None:
    bare = [sys.executable, "-c", "import importlib.metadata"]
    ours = [sys.executable, "-m", "netscript_cli", "--help"]

    ratio = _median_work(ours) / _median_work(bare)

    assert ratio < 4  # the wish is 200 ms; a ratio of work holds on a busy machine, too


def _median_work(command: list[str]) -> float:
    """Processor seconds that a command takes."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    return statistics.median(once() for _ in range(5))


def test_every_installed_group_has_words_for_the_help() -> None:
    assert all(found.summary for found in installed_groups().values())


@pytest.mark.parametrize("words", ["--help", "plugin list --help", "auth --help"])
@pytest.mark.parametrize(
    ("to", "told"),
    [
        (">&-", "standard output is closed\nFix: send it somewhere, such as > /dev/null"),
        ("> /dev/full", "standard output cannot be written: No space left on device"),
    ],
)
def test_output_that_goes_nowhere_is_told_in_words(words: str, to: str, told: str) -> None:
    command = f'exec "$0" -m netscript_cli {words} {to}'

    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (1, f"netscript: {told}\n")


def test_a_reader_that_has_enough_gets_no_more_and_no_complaint() -> None:
    command = [sys.executable, "-m", "netscript_cli", "--help"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout is not None
    program.stdout.close()

    _, errors = program.communicate(timeout=300)

    assert (program.returncode, errors) == (1, "")


def test_nothing_is_said_where_errors_cannot_be_either() -> None:
    command = 'exec "$0" -m netscript_cli no-such-command 2>&-'

    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
