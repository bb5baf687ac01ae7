"""The scripts do what they say, and say what is wrong."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.processes import running
from workspace import ROOT

SCRIPTS = ROOT / "scripts"


def _run(
    command: Sequence[str | Path], cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _lock(path: Path) -> None:
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _git(clone: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.test"]
    subprocess.run(["git", *identity, *arguments], cwd=clone, check=True)  # noqa: S607 - git of the PATH


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose path holds a space, with one harmless file."""
    clone = tmp_path / "a clone"
    clone.mkdir()
    (clone / "README.md").write_text("A clean file.\n")
    _git(clone, "init", "--quiet")
    _git(clone, "add", "README.md")
    return clone


def test_setup_does_nothing_the_second_time(tmp_path: Path) -> None:
    first = _run([SCRIPTS / "setup"], cwd=tmp_path)
    made = (ROOT / ".venv/.netscript-setup").stat().st_mtime_ns

    second = _run([SCRIPTS / "setup"], cwd=tmp_path)

    assert first.returncode == 0
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (ROOT / ".venv/.netscript-setup").stat().st_mtime_ns == made


def test_setup_refuses_arguments_instead_of_passing_them_over() -> None:
    done = _run([SCRIPTS / "setup", "--force"])

    assert done.returncode == 1
    assert "takes no arguments" in done.stderr


def test_a_wrong_python_is_named_together_with_the_variable() -> None:
    done = _run(
        ["/bin/bash", "-c", "source scripts/lib/tools.sh && find_python"], NETSCRIPT_PYTHON="/bin/false"
    )

    assert done.returncode == 1
    assert "NETSCRIPT_PYTHON=/bin/false is not a Python of 3.11 or newer" in done.stderr


def test_a_python_without_venv_is_told_how_to_get_it(tmp_path: Path) -> None:
    source = f"cd '{tmp_path}' && source '{SCRIPTS}/lib/tools.sh' && find_uv"
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in ("bash", "env", "python3", "mkdir", "awk"):
        (bare / name).symlink_to(shutil.which(name) or name)
    (tmp_path / ".tools").write_text("a file, so that no environment can be made in it")

    done = _run(["/bin/bash", "-c", source], PATH=str(bare))

    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_the_workspace_is_locked_until_the_script_that_locked_it_ends(tmp_path: Path) -> None:
    source = f"cd '{tmp_path}' && source '{SCRIPTS}/lib/tools.sh' && lock_workspace && echo locked && cat"

    with running(["/bin/bash", "-c", source], "locked"), pytest.raises(BlockingIOError):
        _lock(tmp_path / ".tools/lock")

    _lock(tmp_path / ".tools/lock")


def test_check_lists_its_checks_when_asked_for_one_that_is_not_there() -> None:
    done = _run([SCRIPTS / "check", "spelling"])

    assert done.returncode == 1
    assert "no check named 'spelling'; there are: format lint" in done.stderr


def test_bench_lists_what_there_is() -> None:
    done = _run([SCRIPTS / "bench", "../nope"])

    assert done.returncode == 2
    assert "no benchmark named '../nope'" in done.stderr
    assert all(path.stem in done.stderr for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.mark.slow
def test_a_missing_browser_fails_the_run_and_says_how_to_leave_it_out() -> None:
    done = _run([SCRIPTS / "test", "tests/workspace/test_browser.py"], NETSCRIPT_CHROMIUM="/bin/false")

    assert done.returncode == 1
    assert "NETSCRIPT_CHROMIUM=/bin/false does not start" in done.stderr
    assert 'scripts/test -m "not browser"' in done.stderr


@pytest.mark.slow
def test_what_is_left_out_is_not_looked_for() -> None:
    chosen = ["-m", "not browser", "-n", "0", "tests/workspace/test_browser.py"]

    done = _run([SCRIPTS / "test", *chosen], NETSCRIPT_CHROMIUM="/bin/false")

    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "NETSCRIPT_CHROMIUM" not in done.stderr


def test_a_clean_tree_passes(clone: Path) -> None:
    done = _run([SCRIPTS / "lib/tree.sh", clone])

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("notes.md", "see https://files.python" + "hosted.org/x.whl"),
        ("uv.toml", "index = https://py" + "pi.org/simple"),
        ("package-lock.json", '"resolved": "x"'),
        ("run.sh", "cd /ro" + "ot/project"),
        ("docs.md", "[design](../sha" + "red/design.md)"),
    ],
)
def test_what_may_not_stand_in_the_tree_is_found_before_it_is_committed(
    clone: Path, name: str, line: str
) -> None:
    (clone / name).write_text(f"\n{line}\n")

    done = _run([SCRIPTS / "lib/tree.sh", clone])

    assert done.returncode == 1
    assert f"{name}:2:" in done.stdout


def test_outside_of_a_clone_the_tree_check_fails(tmp_path: Path) -> None:
    done = _run([SCRIPTS / "lib/tree.sh", tmp_path], GIT_CEILING_DIRECTORIES=str(tmp_path.parent))

    assert done.returncode == 2
    assert "is this a clone?" in done.stdout


@pytest.mark.parametrize(("check", "test", "worst"), [(0, 0, 0), (1, 0, 1), (0, 5, 5), (1, 4, 4)])
def test_ci_runs_both_and_ends_with_the_worst(tmp_path: Path, check: int, test: int, worst: int) -> None:
    for name, text in {"check": f"exit {check}", "test": f"touch ran; exit {test}"}.items():
        (tmp_path / "scripts").mkdir(exist_ok=True)
        (tmp_path / "scripts" / name).write_text(text)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")

    done = _run(["/bin/bash", ".ci/run"], cwd=tmp_path)

    assert done.returncode == worst
    assert (tmp_path / "ran").exists()
