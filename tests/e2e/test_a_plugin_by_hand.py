"""A plugin that is written by hand, beside one that it depends on and a stranger's."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.auth_api_process import NETSCRIPT
from tests.support.ports import unused_port
from tests.support.program import started

pytestmark = pytest.mark.slow

PLUGIN = """\
from typing import Final

from netscript_kernel.plugins import Inspection, define_plugin, inspect_plugin

NOTIFIER_API_DEFAULT_PORT: Final = 8095

notifier_plugin = (
    define_plugin("notifier", "0.1.0")
    .with_kind("worker")
    .with_description("Delivers user notifications via worker jobs.")
    .with_license("MIT")
    .with_author("Acme Platform Team")
    .with_dependencies({"streams": True})
    .with_service("notifier-api", "plugins.notifier.service:main", port=NOTIFIER_API_DEFAULT_PORT)
    .with_contract_versions([{"version": "v1", "contract": "plugins.notifier.contract:NotifierV1"}])
    .with_e2e([{"name": "notifier.smoke", "command": "python -c 'import plugins.notifier.service'"}])
    .build()
)


def inspect_notifier() -> Inspection:
    return inspect_plugin(notifier_plugin)
"""
CONTRACT = """\
from netscript_kernel.contracts import WireModel, get
from netscript_kernel.pagination import OffsetPage, OffsetQuery
from netscript_kernel.plugin_contract import PluginContract


class Job(WireModel):
    id: str


class NotifierV1(PluginContract, name="notifier", version="v1", prefix="/api/v1/notifier"):
    jobs = get("/jobs").input(OffsetQuery).output(OffsetPage[Job])
"""
SERVICE = """\
import sys
from pathlib import Path

from starlette.requests import Request

from netscript_kernel.pagination import OffsetPage, OffsetQuery
from netscript_kernel.plugins.registries import load_registry
from netscript_kernel.service.define import DefinedService, define_service, run_service
from netscript_kernel.service.implementation import Implementation, implement
from plugins.notifier.contract import Job, NotifierV1


def main() -> None:
    jobs = load_registry(Path(__file__).parents[2], "notifier", "jobs", profile="development")
    api = implement(NotifierV1)

    @api.handles(NotifierV1.jobs)
    async def list_jobs(query: OffsetQuery, _: Request) -> OffsetPage[Job]:
        return OffsetPage[Job].of([Job(id=each) for each in jobs], query, total=len(jobs))

    sys.exit(run_service(lambda: define(api)))


def define(api: Implementation) -> DefinedService:
    return define_service("notifier-api", "0.1.0", implementations=[api], port=8095, plugin="notifier")
"""
JOB = """\
from netscript_kernel.plugins.registries import contribution


@contribution(id="send-notification")
async def send_notification(user_id: str) -> dict[str, object]:
    return {"userId": user_id, "delivered": True}
"""
FILES = {
    "__init__.py": "",
    "plugin.py": PLUGIN,
    "contract.py": CONTRACT,
    "service.py": SERVICE,
    "jobs/__init__.py": "",
    "jobs/send_notification.py": JOB,
}
STRANGERS_PYPROJECT = """\
[project]
name = "acme-clocks"
version = "1.2.0"

[project.entry-points."netscript.plugins"]
clocks = "acme_clocks.plugin:manifest"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
STRANGERS_PLUGIN = """\
from netscript_kernel.plugins import define_plugin

manifest = (
    define_plugin("clocks", "1.2.0")
    .with_description("Tells the time.")
    .with_background_processor("clocks-ticking", "acme_clocks.ticking:main")
    .build()
)
"""
STRANGERS_PROCESS = """\
import signal


def main() -> None:
    print("ticking", flush=True)
    signal.sigwait({signal.SIGTERM})
"""


def netscript(folder: Path, *words: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
    """Type a command, and return what it says."""
    done = subprocess.run(
        [str(NETSCRIPT), *words],
        cwd=folder,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def listed(folder: Path, **variables: str) -> dict[str, Any]:
    told = json.loads(netscript(folder, "plugin", "list", "--json", variables=variables))
    return {each["name"]: each for each in told["plugins"]}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    netscript(tmp_path, "init", "shop", "--yes")
    return tmp_path / "shop"


def test_a_plugin_by_hand_is_registered_listed_checked_and_answers(workspace: Path) -> None:
    netscript(workspace, "plugin", "new", "stream", "--name", "streams", "--port", "4437")
    write(workspace / "plugins/notifier", FILES)

    netscript(workspace, "plugin", "add", "./plugins/notifier/plugin.py")
    netscript(workspace, "generate", "plugins")

    assert listed(workspace).keys() == {"auth", "streams", "notifier"}
    registry = (workspace / ".netscript/generated/plugin_notifier/jobs_registry.py").read_text()
    assert '"send-notification"' in registry
    netscript(workspace, "plugin", "doctor")
    netscript(workspace, "e2e", "notifier")
    ports = {"notifier-api": unused_port(), "streams-api": unused_port()}
    options = [f"--port={name}={port}" for name, port in ports.items()]
    command: Sequence[str | Path] = (NETSCRIPT, "dev", "--only", "notifier", "--only", "streams", *options)
    with started(command, {}, workspace) as program:
        program.wait_until(lambda: "Stop with Ctrl-C" in program.stdout, "the workspace runs")
        url = f"http://127.0.0.1:{ports['notifier-api']}"
        assert httpx.get(f"{url}/health").status_code == 200
        jobs = httpx.get(f"{url}/api/v1/notifier/jobs").json()
        assert jobs["items"] == [{"id": "send-notification"}]
        assert jobs["pagination"]["total"] == 1
        order = [program.stdout.index(f"{name} is ready") for name in ("streams-api", "notifier-api")]
        assert order == sorted(order)
        program.signal_group(signal.SIGINT)
        assert program.wait() == 0
        program.wait_until_gone()


def test_a_plugin_whose_dependency_is_not_there_is_told_so_before_anything_runs(workspace: Path) -> None:
    write(workspace / "plugins/notifier", FILES)
    netscript(workspace, "plugin", "add", "./plugins/notifier/plugin.py")

    told = netscript(workspace, "plugin", "doctor", code=1)

    assert "PLG_DEP_MISSING" in told
    assert "netscript plugin new" in told


def test_a_strangers_plugin_is_added_and_runs_and_the_host_stays_as_it_is(
    workspace: Path, tmp_path: Path
) -> None:
    source, site = tmp_path / "acme-clocks", tmp_path / "site"
    write(
        source,
        {
            "pyproject.toml": STRANGERS_PYPROJECT,
            "acme_clocks/__init__.py": "",
            "acme_clocks/plugin.py": STRANGERS_PLUGIN,
            "acme_clocks/ticking.py": STRANGERS_PROCESS,
        },
    )
    describe = "from acme_clocks.plugin import manifest; from netscript_kernel.plugins.descriptor import *; "
    describe += "print(encode_descriptor(describe_plugin(manifest)).decode(), end='')"
    text = subprocess.run(
        [sys.executable, "-c", describe], cwd=source, capture_output=True, text=True, check=True
    ).stdout
    write(source, {"acme_clocks/scaffold.plugin.json": text})
    install = (Path(sys.executable).with_name("uv"), "pip", "install", "--offline", "--no-deps")
    target = ("--no-build-isolation", "--python", sys.executable, "--target", site, source)
    subprocess.run([*install, *target], check=True, capture_output=True)
    variables = {"PYTHONPATH": str(site)}
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}

    netscript(workspace, "plugin", "add", "acme-clocks", variables=variables)

    after = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    changed = {path.name for path in after if before.get(path) != after[path]}
    assert changed == {"netscript.toml"}
    assert listed(workspace, **variables)["clocks"]["version"] == "1.2.0"
    netscript(workspace, "plugin", "doctor", "clocks", variables=variables)
    with started((NETSCRIPT, "dev", "--only", "clocks"), variables, workspace) as program:
        program.wait_until(lambda: "ticking" in program.stdout, "the stranger's process works")
        program.signal_group(signal.SIGINT)
        assert program.wait() == 0
        program.wait_until_gone()
