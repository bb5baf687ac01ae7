"""A whole service in one call: everything is wired, and the environment says the rest."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from netscript_kernel.client import connect
from netscript_kernel.contracts import get
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.plugin_contract import PluginContract
from netscript_kernel.service.define import DefinedService, define_service, run_service
from netscript_kernel.service.environment import ServiceEnvironment
from netscript_kernel.service.guards import with_authn
from netscript_kernel.service.health import HealthCheck
from netscript_kernel.service.implementation import implement
from tests.kernel.pretend_authenticator import PretendAuthenticator
from tests.kernel.sample_service import NotesV1, browsing, implementation
from tests.support.serving import serving

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
LOOPBACK = {"base_url": "http://127.0.0.1:3000"}


def define(environment: dict[str, str] | None = None, **more: Any) -> DefinedService:
    more.setdefault("implementations", [implementation()])
    return define_service("notes", "1.2.3", environment=environment or {}, **more)


@asynccontextmanager
async def running(service: DefinedService) -> AsyncGenerator[httpx.AsyncClient]:
    await service.start()
    async with browsing(service.app, **LOOPBACK) as http:
        yield http
    await service.stop()


async def fail() -> None:
    raise RuntimeError


async def test_one_call_wires_the_contract_health_documentation_and_the_rest_of_the_chain() -> None:
    checks = [HealthCheck("store", fail, is_critical=False)]
    async with running(define(health_checks=checks)) as http:
        note = await connect(NotesV1, "http://127.0.0.1:3000", http=http).find(note_id="n1")
        health, ready = await http.get("/health"), await http.get("/health/ready")
        document, page = await http.get("/api/openapi.json"), await http.get("/api/docs")
        info, missing = await http.get("/"), await http.get("/nowhere")
        foreign = await http.get("/", headers={"Origin": "https://evil.example"})

    assert note.note_id == "n1"
    assert (health.json()["status"], ready.status_code) == ("degraded", 200)
    assert (document.json()["info"]["title"], page.status_code) == ("notes", 200)
    assert (info.json()["name"], info.json()["version"]) == ("notes", "1.2.3")
    assert (missing.json()["code"], "x-request-id" in missing.headers) == ("NOT_FOUND", True)
    assert (missing.headers["x-frame-options"], missing.headers["x-content-type-options"]) == (
        "DENY",
        "nosniff",
    )
    assert not [name for name in foreign.headers if name.startswith("access-control")]


async def test_after_a_stop_it_is_ready_no_more() -> None:
    service = define()
    async with running(service) as http:
        before = await http.get("/health/ready")

    async with browsing(service.app, **LOOPBACK) as http:
        after = await http.get("/health/ready")

    assert (before.status_code, after.status_code) == (200, 503)


async def test_it_is_mounted_into_any_application() -> None:
    service = define()
    async with browsing(Starlette(routes=[Mount("/inner", app=service.app)]), **LOOPBACK) as http:
        answer = await http.get("/inner/api/v1/notes/n1")

    assert answer.json()["noteId"] == "n1"


async def test_only_hosts_that_are_named_are_answered_and_by_default_those_of_this_machine() -> None:
    async with running(define()) as http:
        own = [await http.get(f"http://{host}/") for host in ("localhost:3000", "127.0.0.1", "[::1]:3000")]
        foreign = await http.get("http://users.acme.example/")
    async with running(define({"NETSCRIPT_SERVICE_ALLOWED_HOSTS": "users.acme.example"})) as http:
        named = await http.get("http://users.acme.example/")

    assert [answer.status_code for answer in own] == [200, 200, 200]
    assert "NETSCRIPT_SERVICE_ALLOWED_HOSTS" in foreign.json()["detail"]
    assert (foreign.status_code, named.status_code) == (400, 200)


async def test_an_origin_that_is_named_may_call() -> None:
    origin = "https://app.acme.example"
    async with running(define({"NETSCRIPT_SERVICE_ALLOWED_ORIGINS": origin})) as http:
        answer = await http.get("/", headers={"Origin": origin})

    assert answer.headers["access-control-allow-origin"] == origin


def test_the_port_is_that_of_the_environment_and_else_the_one_in_the_code() -> None:
    assert define({"PORT": "8095"}, port=9000).environment.port == 8095
    assert define({}, port=9000).environment.port == 9000
    assert define().environment.port == 3000


def test_all_faults_of_the_environment_are_told_together_and_no_value() -> None:
    with pytest.raises(ConfigurationError) as refused:
        define(
            {
                "PORT": "hunter2",
                "NETSCRIPT_SERVICE_PROFILE": "hunter2",
                "NETSCRIPT_SERVICE_ALLOWED_HOSTS": "users.acme.example,https://hunter2",
                "NETSCRIPT_SERVICE_ALLOWED_ORIGINS": "*",
                "NETSCRIPT_SERVICE_DRAIN_LIMIT": "1d",
                "NETSCRIPT_SERVICE_METRICS_TOKEN": "hunter2",
            }
        )

    assert {fault.variable for fault in refused.value.faults} == {
        "PORT",
        "NETSCRIPT_SERVICE_PROFILE",
        "NETSCRIPT_SERVICE_ALLOWED_HOSTS",
        "NETSCRIPT_SERVICE_ALLOWED_ORIGINS",
        "NETSCRIPT_SERVICE_DRAIN_LIMIT",
        "NETSCRIPT_SERVICE_METRICS_TOKEN",
    }
    assert "number 2, that is no host" in str(refused.value)
    assert "hunter2" not in str(refused.value)


async def test_metrics_are_there_for_whoever_has_the_token_and_not_without_one() -> None:
    token = "a-token-of-enough-characters"
    async with running(define({"NETSCRIPT_SERVICE_METRICS_TOKEN": token})) as http:
        await http.get("/api/v1/notes/n1")
        closed = await http.get("/metrics")
        told = await http.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    async with running(define()) as http:
        absent = await http.get("/metrics")

    assert (closed.status_code, told.status_code, absent.status_code) == (401, 200, 404)
    assert "/api/v1/notes/{noteId}" in told.text


async def test_what_watches_has_rules_of_its_own_and_needs_no_principal() -> None:
    token = "a-token-of-enough-characters"
    service = define({"NETSCRIPT_SERVICE_METRICS_TOKEN": token}, authn=with_authn(PretendAuthenticator()))
    async with running(service) as http:
        told = await http.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert told.status_code == 200


@pytest.mark.parametrize("extra", ["metrics", "tracing"])
def test_what_is_asked_for_and_not_installed_is_told_with_how_to_install_it(
    extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: str) -> None: ...

    monkeypatch.setattr("netscript_kernel.service.watched.find_spec", nothing)
    asking = {
        "metrics": {"NETSCRIPT_SERVICE_METRICS_TOKEN": "a-token-of-enough-characters"},
        "tracing": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
    }

    with pytest.raises(ConfigurationError, match=rf"install 'netscript-kernel\[{extra}\]'") as refused:
        define(asking[extra])

    assert [fault.variable for fault in refused.value.faults] == [*asking[extra]]


async def test_with_an_address_for_spans_problems_name_their_trace() -> None:
    async with running(define({"OTEL_TRACES_EXPORTER": "console"})) as http:
        missing = await http.get("/nowhere")

    assert len(missing.json()["trace_id"]) == 32


async def test_a_contract_of_a_plugin_describes_itself_without_a_handler_for_it() -> None:
    class WordsV1(PluginContract, name="words", version="v1", prefix="/api/v1/words"):
        pass

    service = define(implementations=[implement(WordsV1)], capabilities=["count"])
    async with running(service) as http:
        told = (await http.get("/api/v1/words/describe")).json()

    assert told == {
        "pluginName": "notes",
        "contractVersions": ["v1"],
        "routeGroups": ["words"],
        "capabilities": ["count"],
    }


async def test_a_service_has_another_name_than_the_plugin_that_it_describes() -> None:
    class WordsV1(PluginContract, name="words", version="v1", prefix="/api/v1/words"):
        pass

    async with running(define(implementations=[implement(WordsV1)], plugin="words")) as http:
        described, info = await http.get("/api/v1/words/describe"), await http.get("/")

    assert (described.json()["pluginName"], info.json()["name"]) == ("words", "notes")


def test_an_operation_without_a_handler_is_told_as_the_service_is_defined() -> None:
    class LostV1(PluginContract, name="lost", version="v1", prefix="/api/v1/lost"):
        find = get("/")

    with pytest.raises(TypeError, match="LostV1 has no handler for: find"):
        define(implementations=[implement(LostV1)])


def test_every_variable_has_its_row_in_the_readme_of_the_kernel() -> None:
    readme = (ROOT / "kernel" / "README.md").read_text()
    variables = [ServiceEnvironment.variable(field) for field in ServiceEnvironment.model_fields]

    assert [name for name in variables if f"| `{name}` |" not in readme] == []


# In a process of its own


def test_an_entry_point_tells_a_faulty_environment_and_shows_no_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run_service(lambda: define({"PORT": "hunter2", "NETSCRIPT_SERVICE_BODY_LIMIT": "-1"}))

    told = capsys.readouterr().err
    assert code == 2
    assert [line.partition(":")[0] for line in told.splitlines()] == ["PORT", "NETSCRIPT_SERVICE_BODY_LIMIT"]
    assert "hunter2" not in told


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
async def test_an_entry_point_serves_until_its_process_is_told_to_stop(
    workers: int, free_port: int, tmp_path: Path
) -> None:
    command = (sys.executable, "-c", "from tests.kernel.defined import main; main()")
    environment = {"WORKERS": str(workers), "PYTHONPATH": str(ROOT)}
    with serving(command, free_port, tmp_path, workers=workers, environment=environment) as service:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}", timeout=SECONDS) as http:
            note = await http.get("/api/v1/notes/n1")
        service.signal_main(signal.SIGTERM)
        code = await asyncio.to_thread(service.wait)

    assert note.json()["noteId"] == "n1"
    assert code == 0
    assert service.lines.count("part closed in a worker") == workers
    assert "part closed in the main process" not in service.stdout
