"""One process of a plugin: what its manifest names is called, and what cannot be is told in one line."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MODULES = {
    "good": "import sys\ndef main(): print('served', sys.argv[0] != '', flush=True)\n",
    "code": "def main(): return 7\n",
    "leaves": "def main(): raise SystemExit(9)\n",
    "wants": "def main(port): ...\n",
    "defaults": "def main(port=1): ...\n",
    "data": "main = 3\n",
    "awaits": "async def main(): ...\n",
    "lacks": "import no_such_package\ndef main(): ...\n",
    "broken": "raise RuntimeError('too old')\n",
    "torn": "def main(:\n",
    "raises": "def main():\n    raise ValueError('no such table')\n",
    "returns": "def main(): return 'done'\n",
    "faulty": (
        "from netscript_kernel.errors import ConfigurationError, Fault\n"
        "def main(): raise ConfigurationError([Fault('ACME_KEY', 'is not set', 'a key')])\n"
    ),
    "stale": (
        "from netscript_kernel.plugins import FaultCode, PluginFault, PluginInvalidError\n"
        "FAULT = PluginFault(FaultCode.REGISTRY_STALE, 'jobs', 'is stale', 'generate')\n"
        "raise PluginInvalidError([FAULT])\n"
    ),
    "unset": (
        "from netscript_kernel.errors import ConfigurationError, Fault\n"
        "raise ConfigurationError([Fault('ACME_KEY', 'is not set', 'a key')])\n"
    ),
    "traced": "def install(): print('installed')\n",
    "busy": "import os\ndef main(): print(os.environ['JOBS'])\n",
    "waits": "import signal\ndef main(): print('on', flush=True); signal.pause()\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose plugin notifier has all these modules."""
    folder = tmp_path / "plugins" / "notifier"
    folder.mkdir(parents=True)
    for name, source in MODULES.items():
        (folder / f"{name}.py").write_text(source)
    return tmp_path


def command(root: Path, entrypoint: str, *options: str) -> list[str]:
    words = [sys.executable, "-P", "-m", "netscript_kernel.plugins.process", entrypoint]
    return [*words, "--plugin", "notifier", "--root", str(root), *options]


def run(root: Path, module: str, *options: str) -> subprocess.CompletedProcess[str]:
    entrypoint = module if ":" in module else f"plugins.notifier.{module}:main"
    return subprocess.run(
        command(root, entrypoint, *options), cwd=root.parent, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("module", "code"), [("good", 0), ("code", 7), ("leaves", 9), ("defaults", 0)])
def test_the_exit_code_is_that_of_the_entrypoint(root: Path, module: str, code: int) -> None:
    done = run(root, module)

    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("plugins.notifier.gone:main", "cannot be imported: there is no module plugins.notifier.gone. Fix: "),
        (
            "plugins.notifier.good:serve",
            "is not there: plugins.notifier.good has no serve. Fix: define serve",
        ),
        ("lacks", "cannot be imported: No module named 'no_such_package'"),
        ("broken", "cannot be imported: RuntimeError: too old"),
        ("torn", "cannot be imported: SyntaxError: "),
        ("wants", "wants arguments, and gets none. Fix: "),
        ("data", "is no function, but of type int"),
        ("awaits", "is async, and nobody would await it. Fix: "),
        ("returns", "returned something of type str. Fix: return nothing, or an exit code"),
    ],
)
def test_what_cannot_be_called_is_told_in_one_line_that_names_the_plugin(
    root: Path, module: str, told: str
) -> None:
    done = run(root, module)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("netscript: plugin notifier: its entrypoint plugins.notifier.")
    assert told in line
    assert "Fix: " in line


def test_an_entrypoint_that_raises_is_told_last_and_in_one_line_with_its_place(root: Path) -> None:
    done = run(root, "raises")

    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    place = root / "plugins" / "notifier" / "raises.py"
    assert line.startswith("netscript: plugin notifier: its entrypoint plugins.notifier.raises:main raised")
    assert f"ValueError: no such table ({place}:2)" in line


def test_what_a_module_says_itself_is_wrong_is_told_in_its_own_words(root: Path) -> None:
    done = run(root, "stale")

    told = "netscript: plugin notifier: jobs is stale [PLG_REGISTRY_STALE]. Fix: generate\n"
    assert (done.returncode, done.stderr) == (1, told)


def test_a_module_whose_configuration_is_faulty_ends_with_2(root: Path) -> None:
    done = run(root, "unset")

    assert (done.returncode, done.stderr) == (2, "ACME_KEY: is not set. Fix: a key\n")


def test_a_syntax_error_is_told_with_its_own_file_and_line(root: Path) -> None:
    done = run(root, "torn")

    assert f"({root}/plugins/notifier/torn.py:1). Fix: " in done.stderr


def test_a_faulty_configuration_is_told_in_its_own_words_with_2(root: Path) -> None:
    done = run(root, "faulty")

    assert (done.returncode, done.stderr) == (2, "ACME_KEY: is not set. Fix: a key\n")


@pytest.mark.parametrize(("variables", "number"), [({}, "4"), ({"JOBS": "9"}, "9")])
def test_a_process_is_told_its_concurrency_where_nobody_says_otherwise(
    root: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], number: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    done = run(root, "busy", "--concurrency", "JOBS=4")

    assert (done.returncode, done.stdout) == (0, f"{number}\n")


@pytest.mark.parametrize("wrong", ["JOBS", "JOBS=many", "=4"])
def test_a_concurrency_without_a_variable_or_a_number_is_refused(root: Path, wrong: str) -> None:
    done = run(root, "busy", "--concurrency", wrong)

    assert (done.returncode, done.stdout) == (2, "")
    assert "such as NOTIFIER_CONCURRENCY=4" in done.stderr


def test_installers_are_called_before_the_entrypoint(root: Path) -> None:
    done = run(root, "good", "--installer", "plugins.notifier.traced:install")

    assert done.stdout.splitlines() == ["installed", "served True"]


def test_an_installer_that_is_not_there_is_told_and_nothing_is_started(root: Path) -> None:
    done = run(root, "good", "--installer", "plugins.notifier.traced:gone")

    assert (done.returncode, done.stdout) == (1, "")
    assert "plugin notifier: its telemetry installer plugins.notifier.traced:gone is not there" in done.stderr


def test_it_tells_when_the_entrypoint_is_called_and_not_where_it_cannot_be(root: Path) -> None:
    told: list[bytes] = []
    for module in ("good", "lacks"):
        readable, writable = os.pipe()
        words = command(root, f"plugins.notifier.{module}:main", "--started-fd", str(writable))

        subprocess.run(words, pass_fds=(writable,), capture_output=True, check=False)

        os.close(writable)
        told.append(os.read(readable, 10))
        os.close(readable)
    assert told == [b"\n", b""]


def test_it_ends_with_the_process_that_started_it(root: Path) -> None:
    starter = (
        "import subprocess, sys; child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE);"
        "child.stdout.readline(); print(child.pid, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", starter, *command(root, "plugins.notifier.waits:main")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        try:
            process.kill()
            process.wait()

            ended = _has_ended(child)
        finally:
            os.close(child)
    assert ended


def _has_ended(process: int) -> bool:
    readable, _, _ = select.select([process], [], [], 20)
    if not readable:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    return bool(readable)
