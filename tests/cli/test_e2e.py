"""``netscript e2e``: gates are run in the workspace, without a shell, and each says what came of it."""

import json
import os
import select
import shlex
from collections.abc import Generator
from pathlib import Path

import pytest

from netscript_cli.running.output import Output
from netscript_kernel.plugins import define_plugin
from tests.cli.supervised import is_alive
from tests.support.commands import Told, run
from tests.support.workspaces import MadeWorkspace

ESCAPE = "\\x1b"
PASSES = "python -c 'print(1)'"
FAILS = """python -c 'import sys; print("no order came"); sys.exit(3)'"""


def gates(made: MadeWorkspace, plugin: str = "shop", **commands: str) -> None:
    made.add(
        define_plugin(plugin, "0.1.0")
        .with_service("shop-api", "plugins.shop.service:main", 8095)
        .with_e2e([{"name": name.replace("_", "-"), "command": each} for name, each in commands.items()])
    )


def e2e(made: MadeWorkspace, *words: str) -> Told:
    return run("e2e", "--project-root", str(made.root), *words)


def test_gates_that_pass_are_listed_and_the_exit_code_is_0(made: MadeWorkspace) -> None:
    gates(made, smoke=PASSES, other=PASSES)

    told = e2e(made)

    assert (told.code, told.errors) == (0, "")
    assert [line.split("  ")[:2] for line in told.output.splitlines()] == [
        ["passed", "shop:smoke"],
        ["", "| 1"],
        ["passed", "shop:other"],
        ["", "| 1"],
        ["2 gates: all passed"],
    ]


def test_a_dry_run_tells_which_gates_would_be_run_and_runs_none(made: MadeWorkspace) -> None:
    gates(made, smoke="python -c \"open('ran', 'w')\"", other=PASSES)

    every = e2e(made, "--dry-run")
    one = e2e(made, "--dry-run", "--json", "other")

    assert (every.code, every.errors) == (0, "")
    assert every.output.splitlines() == [
        "2 gates would be run, in this order:",
        "  shop:smoke  python -c \"open('ran', 'w')\"",
        f"  shop:other  {PASSES}",
    ]
    assert json.loads(one.output) == {"gates": [{"plugin": "shop", "name": "other", "command": PASSES}]}
    assert not (made.root / "ran").exists()


def test_a_dry_run_refuses_names_and_ports_that_there_are_not(made: MadeWorkspace) -> None:
    gates(made, smoke=PASSES)

    told = [e2e(made, "--dry-run", *words) for words in (("smoek",), ("--port", "nobody=1"))]

    assert [(each.code, each.output) for each in told] == [(2, "")] * 2
    assert "gate smoek is not there [RUN_NAME_UNKNOWN]" in told[0].errors
    assert "--port nobody=1 names no service" in told[1].errors


def test_a_gate_that_fails_shows_what_it_wrote_and_the_others_are_run(made: MadeWorkspace) -> None:
    gates(made, broken=FAILS, smoke=PASSES)

    told = e2e(made)

    assert told.code == 1
    assert "FAILED  shop:broken  (ended with exit code 3; " in told.output
    assert "\n  | no order came\n" in told.output
    assert "passed  shop:smoke" in told.output
    assert told.output.endswith("2 gates: 1 failed: shop:broken\n")


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("acme-no-such-program --now", "cannot be run: there is no program acme-no-such-program"),
        ("./scripts/none", "cannot be run: there is no program ./scripts/none"),
        ("python -c 'torn", "cannot be run: its command cannot be split (No closing quotation)"),
    ],
)
def test_a_gate_that_cannot_be_run_says_so_and_fails(made: MadeWorkspace, command: str, problem: str) -> None:
    gates(made, smoke=command)

    told = e2e(made, "--json")

    document = json.loads(told.output)
    assert (told.code, document["ok"]) == (1, False)
    assert (document["gates"][0]["verdict"], document["gates"][0]["problem"]) == ("not-run", problem)


@pytest.fixture
def has_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A pipe into which a gate writes as soon as it has begun; its time counts from then on."""
    pipe = tmp_path / "it-has-begun"
    os.mkfifo(pipe)
    said = os.open(pipe, os.O_RDWR)
    read_until_exit = Output.read_until_exit

    def count(output: Output, seconds: float) -> bool:
        select.select([said], [], [], 60)
        return read_until_exit(output, seconds)

    monkeypatch.setattr(Output, "read_until_exit", count)
    yield pipe
    os.close(said)


def test_a_gate_that_does_not_end_is_ended_and_so_is_what_it_started(
    made: MadeWorkspace, has_begun: Path
) -> None:
    made.write(
        "slow.py",
        "import subprocess, sys, signal\n"
        "command = [sys.executable, '-c', 'import signal; signal.pause()']\n"
        "child = subprocess.Popen(command, start_new_session=True)\n"
        f"print(child.pid, flush=True)\nopen({str(has_begun)!r}, 'w').write('!')\nsignal.pause()\n",
    )
    gates(made, slow="python slow.py")

    told = e2e(made, "--limit", "0.1", "--json")

    gate = json.loads(told.output)["gates"][0]
    assert (told.code, gate["verdict"], gate["problem"]) == (1, "too-slow", "did not end within 0.1 s")
    assert not is_alive(int(gate["output"]))


HIDES = """
import os, pathlib, signal
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path("hidden").write_text(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGCONT)
    signal.pause()
signal.sigwait([signal.SIGCONT])
"""


@pytest.mark.parametrize(
    ("number", "limit", "verdict", "problem"),
    [
        ("SIGKILL", "300", "failed", "ended with exit code -9"),
        ("SIGSTOP", "0.1", "too-slow", "did not end within 0.1 s"),
    ],
)
def test_a_gate_that_takes_its_guard_away_ends_nevertheless_with_all_that_it_started(
    made: MadeWorkspace, has_begun: Path, number: str, limit: str, verdict: str, problem: str
) -> None:
    block = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCONT])\n"
    begins = f"open({str(has_begun)!r}, 'w').write('!')\n"
    takes = f"os.kill(os.getppid(), signal.{number})\nsignal.pause()\n"
    made.write("hides.py", f"{block}{HIDES}{begins}{takes}")
    gates(made, hides="python hides.py")

    told = e2e(made, "--limit", limit, "--json")

    gate = json.loads(told.output)["gates"][0]
    assert (told.code, gate["verdict"], gate["problem"]) == (1, verdict, problem)
    assert not is_alive(int((made.root / "hidden").read_text()))


def test_of_a_gate_that_writes_without_end_the_last_64_kib_are_kept(made: MadeWorkspace) -> None:
    gates(made, flood="python -c \"print('x' * 70_000 + 'the end'); raise SystemExit(1)\"")

    told = e2e(made, "--json")

    head, _, kept = json.loads(told.output)["gates"][0]["output"].partition("\n")
    assert head == f"({70_008 - 65_536} bytes before this are left out)"
    assert (len(kept), kept[-8:]) == (65_536, "the end\n")


def test_gates_run_in_the_workspace_know_where_services_are_and_see_no_shell(made: MadeWorkspace) -> None:
    made.write(
        "look.py", "import os, sys; print(os.getcwd(), os.environ['services__shop-api__http__0'], sys.argv)\n"
    )
    gates(made, look="python look.py $HOME '; true'")

    told = e2e(made, "--json", "--port", "shop-api=9000")

    gate = json.loads(told.output)["gates"][0]
    assert gate["output"] == f"{made.root} http://127.0.0.1:9000 ['look.py', '$HOME', '; true']\n"


@pytest.mark.parametrize(
    ("file", "environment", "found"),
    [
        ("services__shop_api__http__0=http://file", {}, "http://file"),
        ("", {"services__shop_api__https__0": "https://told"}, "https://told"),
        (
            "services__shop-api__https__0=https://file",
            {"services__shop_api__http__0": "http://t"},
            "http://t",
        ),
    ],
    ids=["by the file", "by https", "by both"],
)
def test_whoever_says_where_a_service_is_in_any_spelling_is_heard(
    made: MadeWorkspace,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    environment: dict[str, str],
    found: str,
) -> None:
    made.write(".env", file)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made.write(
        "look.py",
        "import os; from netscript_kernel.discovery import find_address\n"
        "print(find_address('shop-api', os.environ))\n",
    )
    gates(made, look="python look.py")

    told = e2e(made, "--json")

    assert json.loads(told.output)["gates"][0]["output"] == f"{found}\n"


@pytest.mark.parametrize(
    ("names", "ran"),
    [(("smoke",), ["smoke"]), (("shop",), ["smoke", "other"]), (("shop:other",), ["other"])],
)
def test_gates_are_chosen_by_their_name_or_by_their_plugin(
    made: MadeWorkspace, names: tuple[str, ...], ran: list[str]
) -> None:
    gates(made, smoke=PASSES, other=PASSES)

    told = e2e(made, "--json", *names)

    assert [each["name"] for each in json.loads(told.output)["gates"]] == ran


def test_a_gate_that_passes_with_one_line_shows_it_and_with_more_shows_none(made: MadeWorkspace) -> None:
    gates(made, one="python -c 'print(\"asked that\")'", two="python -c 'print(\"much\\nmore\")'")

    told = e2e(made)

    assert told.code == 0
    assert "  | asked that\n" in told.output
    assert "more" not in told.output


@pytest.mark.parametrize("code", [0, 3])
def test_what_a_gate_writes_moves_nothing_on_a_terminal(made: MadeWorkspace, code: int) -> None:
    writes = f"print('{ESCAPE}[2J{ESCAPE}[31mred'); raise SystemExit({code})"
    gates(made, odd=shlex.join(["python", "-c", writes]))

    told = e2e(made)

    assert "  | \\x1b[2Jred\n" in told.output
    assert "\x1b" not in told.output


def test_a_gate_that_there_is_not_is_refused_and_none_is_run(made: MadeWorkspace) -> None:
    gates(made, smoke=PASSES)

    told = e2e(made, "smoek")

    assert (told.code, told.output) == (2, "")
    assert "gate smoek is not there [RUN_NAME_UNKNOWN]" in told.errors
    assert "there are: shop:smoke" in told.errors


def test_a_workspace_without_gates_says_that_nothing_was_run(made: MadeWorkspace) -> None:
    gates(made)

    told = [e2e(made), e2e(made, "--dry-run")]

    assert [(each.code, each.output) for each in told] == [
        (0, "No plugin has a gate: nothing was run\n"),
        (0, "No plugin has a gate: nothing would be run\n"),
    ]
