"""``netscript dev``: what would run, what is told before anything does, and a whole run with its end."""

import json
import os
import re
import signal
import socket
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer

from netscript_cli.commands import dev, e2e
from netscript_cli.running.claims import FOLDER, claimed
from netscript_cli.running.programs import programs_of
from netscript_cli.workspace.planning import load_plan
from netscript_cli.workspace.variables import variables_of
from netscript_kernel.plugins import PluginBuilder, define_plugin
from tests.support.commands import run
from tests.support.ports import unused_port
from tests.support.program import Program, started
from tests.support.workspaces import MadeWorkspace
from workspace import ROOT

NETSCRIPT = Path(sys.executable).with_name("netscript")
SERVICE = """
import http.server, json, os
class Tells(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/well" else 404); self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
    def log_message(self, *_): ...
def main():
    print("port", os.environ["PORT"])
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Tells).serve_forever()
"""
WORKER = """
import os, signal
def main():
    for name in sorted(os.environ):
        print(f"{name}={os.environ[name]}")
    print("at work", flush=True)
    signal.pause()
def install():
    print("installed")
"""


@pytest.fixture
def ports() -> tuple[int, int]:
    return unused_port(), unused_port()


@pytest.fixture
def acme(made: MadeWorkspace, ports: tuple[int, int]) -> MadeWorkspace:
    """A workspace of a store, and of a shop that depends on it."""
    made.add(
        define_plugin("store", "0.1.0").with_service(
            "store-api", "plugins.store.service:main", ports[0], health_path="/well"
        ),
        shop(ports[1]),
    )
    made.write("plugins/store/service.py", SERVICE)
    made.write("plugins/shop/service.py", SERVICE)
    made.write("plugins/shop/worker.py", WORKER)
    return made


def shop(port: int) -> PluginBuilder:
    return (
        define_plugin("shop", "0.1.0")
        .with_service("shop-api", "plugins.shop.service:main", port, health_path="/well")
        .with_background_processor(
            "shop-worker", "plugins.shop.worker:main", concurrency=3, concurrency_env="SHOP_CONCURRENCY"
        )
        .with_telemetry([{"name": "shop", "installer": "plugins.shop.worker:install"}])
        .with_dependencies({"store": True})
        .with_requirements(kv=True)
        .with_e2e([{"name": "smoke", "command": "python -c pass"}])
    )


@contextmanager
def running(made: MadeWorkspace, *options: str, **variables: str) -> Generator[Program]:
    command: Sequence[str | Path] = (NETSCRIPT, "dev", "--project-root", str(made.root), *options)
    with started(command, variables, made.root) as program:
        yield program


def dry_run(made: MadeWorkspace, *options: str) -> str:
    told = run("dev", "--dry-run", "--project-root", str(made.root), *options)
    assert (told.code, told.errors) == (0, "")
    return told.output


def refused(made: MadeWorkspace, *options: str) -> str:
    told = run("dev", "--project-root", str(made.root), *options)
    assert (told.code, told.output) == (2, "")
    assert "Nothing was" in told.errors
    return told.errors


def test_a_dry_run_prints_the_processes_in_their_order_and_starts_nothing(
    acme: MadeWorkspace, ports: tuple[int, int]
) -> None:
    told = dry_run(acme)

    assert told.splitlines() == [
        "3 of 3 processes would run, in this order:",
        f"  store-api    http://localhost:{ports[0]}",
        f"  shop-api     http://localhost:{ports[1]}, after store-api",
        "  shop-worker  in the background, after store-api",
        "",
        "netscript e2e would run:",
        "  shop: smoke: python -c pass",
    ]


def test_a_dry_run_as_json_is_the_plan(acme: MadeWorkspace) -> None:
    document = json.loads(dry_run(acme, "--json", "--only", "store"))

    assert [each["name"] for each in document["processes"]] == ["store-api", "shop-api", "shop-worker"]
    assert document["running"] == ["store-api"]
    assert document["gates"][0]["command"] == "python -c pass"


def test_json_without_a_dry_run_is_refused(acme: MadeWorkspace) -> None:
    told = run("dev", "--json", "--project-root", str(acme.root))

    assert told.code == 2
    assert "--dry-run" in told.errors


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--only", "shop-apo"), "--only shop-apo names no process and no plugin that has one"),
        (("--only", "shop-apo"), "did you mean shop-api? there are: shop, shop-api, shop-worker, store"),
        (("--port", "shop-worker=1"), "--port shop-worker=1 names no service"),
        (("--port", "shop-api=none"), "--port shop-api=none names no port"),
        (("--port", "shop-api=65536"), "[RUN_PORT_INVALID]"),
        (("--port", "shop-api=9000", "--port", "store-api=9000"), "9000 to store-api and to shop-api"),
        (("--otlp", "127.0.0.1:4318"), "--otlp is no http or https address"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_before_anything_starts(
    acme: MadeWorkspace, options: tuple[str, ...], told: str
) -> None:
    assert told in refused(acme, *options)


def test_a_port_in_use_is_told_with_the_service_that_should_have_it(
    acme: MadeWorkspace, ports: tuple[int, int]
) -> None:
    with socket.socket() as one, socket.socket() as other:
        for each, port in zip((one, other), ports, strict=True):
            each.bind(("127.0.0.1", port))
            each.listen()

        told = refused(acme)

    assert f"port {ports[0]} is for store-api of the plugin store, and cannot be used" in told
    assert f"port {ports[1]} is for shop-api of the plugin shop, and cannot be used" in told
    assert "--port shop-api=PORT" in told


def test_what_another_one_runs_already_is_told_and_not_run_twice(
    acme: MadeWorkspace, ports: tuple[int, int]
) -> None:
    with claimed(acme.root, load_plan(acme.read()).processes):
        told = refused(acme)
        elsewhere = refused(acme, "--port", "store-api=9", "--port", "shop-api=10")
        worker = refused(acme, "--only", "shop-worker")

    by = f"is run by another netscript dev of this workspace (process {os.getpid()})"
    assert f"store-api of the plugin store {by} [RUN_RUNS_ALREADY]" in told
    assert f"shop-api of the plugin shop {by}" in told
    assert all(f"shop-worker of the plugin shop {by}" in each for each in (told, elsewhere, worker))
    assert "store-api of" not in elsewhere + worker
    assert str(ports[0]) not in told


def test_what_nobody_runs_any_more_is_free_again_and_git_sees_nothing_of_it(acme: MadeWorkspace) -> None:
    processes = load_plan(acme.read()).processes
    with claimed(acme.root, processes):
        pass

    with claimed(acme.root, processes):
        ignored = (acme.root / FOLDER / ".gitignore").read_text()

    assert ignored == "*\n"


def test_others_of_the_same_workspace_may_run_beside_it(acme: MadeWorkspace) -> None:
    *services, worker = load_plan(acme.read()).processes

    with claimed(acme.root, services), claimed(acme.root, [worker]):
        pass


def test_where_nothing_can_be_written_nobody_is_kept_from_running(acme: MadeWorkspace) -> None:
    acme.write(".netscript", "a file")
    processes = load_plan(acme.read()).processes

    with claimed(acme.root, processes), claimed(acme.root, processes):
        pass


def test_nothing_is_written_down_outside_of_the_workspace(acme: MadeWorkspace, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (acme.root / ".netscript").symlink_to(tmp_path / "outside")

    assert "WSP_PATH_ESCAPES" in refused(acme)
    assert list((tmp_path / "outside").iterdir()) == []


def test_no_file_is_made_outside_of_it_by_a_link_in_the_folder_of_what_runs(
    acme: MadeWorkspace, tmp_path: Path
) -> None:
    (acme.root / FOLDER).mkdir(parents=True)
    (acme.root / FOLDER / ".gitignore").symlink_to(tmp_path / "outside")

    assert "WSP_PATH_ESCAPES" in refused(acme)
    assert not (tmp_path / "outside").exists()


def test_variables_that_cannot_be_read_are_told_before_anything_starts(acme: MadeWorkspace) -> None:
    acme.write(".env", b"ACME_TOLD=\xff\n")

    assert ".env cannot be read (it is no UTF-8 text) [RUN_VARIABLES_UNREADABLE]" in refused(acme)


def test_lines_of_variables_that_say_nothing_are_told_by_number_and_never_repeated(
    acme: MadeWorkspace,
) -> None:
    acme.write(".env", "ACME_TOLD=1\nACME_KEY='hush\n\nsome hushed words\n")

    told = refused(acme)

    problem = "says nothing that can be understood [RUN_VARIABLES_UNREADABLE]"
    assert f"{acme.root}/.env: line 2 {problem}" in told
    assert f"{acme.root}/.env: line 4 {problem}" in told
    assert "hush" not in told


def test_a_dry_run_tells_what_would_keep_it_from_starting(acme: MadeWorkspace) -> None:
    acme.write(".env", "some words\n")

    told = refused(acme, "--dry-run")

    assert f"{acme.root}/.env: line 1 says nothing that can be understood" in told


def test_a_workspace_without_anything_that_runs_says_so(made: MadeWorkspace) -> None:
    made.add(define_plugin("words", "0.1.0"))

    assert "the workspace has nothing that runs" in refused(made)


def section() -> str:
    """Return what the README says of running a workspace."""
    text = (ROOT / "cli" / "README.md").read_text()
    return text.partition("## Running a workspace")[2].partition("## Bringing")[0]


@pytest.mark.parametrize("app", [dev.app, e2e.app], ids=["dev", "e2e"])
def test_every_option_is_told_in_the_readme(app: typer.Typer) -> None:
    options = {each for one in typer.main.get_command(app).params for each in one.opts if each[0] == "-"}

    assert options
    assert {each for each in options if f"`{each}" not in section()} == set()


def test_the_readme_tells_what_a_process_gets_and_how_another_program_runs_one(
    acme: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": "/bin"})
    plan = load_plan(acme.read())

    programs = programs_of(plan.processes, acme.root, variables_of(acme.root, plan.addresses, "http://otlp"))

    table, _, by_others = section().partition("`netscript e2e [NAME]")
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    told = {name for row in rows for name in re.findall("`([A-Z_]+)`", row)} - {"PYTHONUNBUFFERED"}
    assert told == {name for each in programs for name in each.environment if "__" not in name}
    assert {word for each in programs for word in each.command if word[:2] == "--"} <= set(by_others.split())


@pytest.mark.slow
def test_everything_runs_in_order_with_its_variables_and_ends_in_reverse(
    acme: MadeWorkspace, ports: tuple[int, int]
) -> None:
    acme.write(".env", "ACME_TOLD=by the file\nACME_WINS=no\nACME_RAW=${HOME}\n")

    with running(acme, "--otlp", "http://127.0.0.1:4318", ACME_WINS="yes", PORT="1") as program:
        program.wait_until(lambda: "Stop with Ctrl-C" in program.stdout, "all are ready")
        # For a program in the background that is as soon as it has been started.
        program.wait_until(lambda: "shop-worker | at work" in program.lines, "the worker works")
        program.signal_group(signal.SIGINT)
        assert program.wait() == 0
        program.wait_until_gone()

    told = program.stdout
    assert told.index("store-api is ready") < told.index("shop-api    | port")
    assert f"  shop-api     http://localhost:{ports[1]}\n" in told
    assert program.stderr == ""
    lines = {line.removeprefix("shop-worker | ") for line in told.splitlines()}
    assert lines >= {
        "installed",
        "at work",
        "ACME_TOLD=by the file",
        "ACME_WINS=yes",
        "ACME_RAW=${HOME}",
        "NETSCRIPT_PROFILE=development",
        "NETSCRIPT_SERVICE_PROFILE=development",
        "NETSCRIPT_KV_URL=sqlite://",
        "NETSCRIPT_DATA_DIR=.data",
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318",
        "OTEL_SERVICE_NAME=shop-worker",
        "SHOP_CONCURRENCY=3",
        f"services__store-api__http__0=http://127.0.0.1:{ports[0]}",
    }
    assert not any(line.startswith("PORT=") for line in lines)


@pytest.mark.slow
def test_ports_that_somebody_wants_are_those_that_services_get_and_others_find(
    acme: MadeWorkspace,
) -> None:
    port = unused_port()

    with running(acme, "--port", f"store-api={port}", "--only", "store") as program:
        program.wait_until(lambda: "Stop with Ctrl-C" in program.stdout, "it is ready")
        program.wait_until(lambda: f"store-api | port {port}" in program.lines, "it has the port")

    assert [line for line in program.lines if line.lstrip().startswith("shop-")] == []


@pytest.mark.slow
def test_an_entrypoint_that_cannot_be_imported_ends_it_with_1_and_is_told_last(acme: MadeWorkspace) -> None:
    acme.write("plugins/shop/worker.py", "def install(): ...\n")

    with running(acme) as program:
        assert program.wait() == 1
        program.wait_until_gone()

    assert "netscript: shop-worker ended by itself with exit code 1 before it was ready" in program.stderr
    assert "plugin shop: its entrypoint plugins.shop.worker:main is not there" in program.stderr


@pytest.mark.slow
@pytest.mark.parametrize("whole_group", [True, False])
def test_nothing_is_left_when_it_is_killed_outright(acme: MadeWorkspace, whole_group: bool) -> None:
    with running(acme) as program:
        program.wait_until(lambda: "Stop with Ctrl-C" in program.stdout, "all are ready")

        (program.signal_group if whole_group else program.signal_main)(signal.SIGKILL)

        assert program.wait() == -signal.SIGKILL
        program.wait_until_gone()
