"""auth's manifest drives: whoever changes it changes what auth-api does, axis by axis."""

import json
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from netscript_kernel.plugins import ListedPlugin, PluginManifest, Severity, plan_plugins, read_manifest_json
from netscript_kernel.plugins.descriptor import FILE_NAME, describe_plugin, encode_descriptor
from netscript_kernel.plugins.process import resolve
from netscript_plugin_auth import live_gate, own_manifest, plugin
from netscript_plugin_auth.development.plan import plan_development
from netscript_plugin_auth.doctor.of_plugin import findings
from netscript_plugin_auth.service import open_auth_service
from netscript_plugin_auth.settings import AuthServiceSettings
from tests.support.ports import unused_port
from workspace import ROOT, load_project

PACKAGE = ROOT / "plugin_auth" / "netscript_plugin_auth"
Change = Callable[[str, str], PluginManifest]


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Write the manifest anew, with one text in the place of another, and its descriptor with it."""

    def change(old: str, new: str) -> PluginManifest:
        text = plugin.manifest.to_json().decode()
        assert old in text
        manifest = read_manifest_json(text.replace(old, new))
        descriptor = tmp_path / FILE_NAME
        descriptor.write_bytes(encode_descriptor(describe_plugin(manifest)))
        monkeypatch.setattr(plugin, "manifest", manifest)
        monkeypatch.setattr(own_manifest, "DESCRIPTOR", descriptor)
        return manifest

    return change


def development(tmp_path: Path, **variables: str) -> dict[str, str]:
    return {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_DATA_DIR": str(tmp_path),
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_AUTH_ISSUER": "https://login.acme.example",
        "NETSCRIPT_AUTH_CLIENT_ID": "auth-api",
        **variables,
    }


async def answer(environment: dict[str, str], path: str) -> httpx.Response:
    service = await open_auth_service(environment)
    await service.start()
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        try:
            return await http.get(path)
        finally:
            await service.stop()


def contracts_as_written() -> str:
    text = plugin.manifest.to_json().decode()
    return text[text.index('"contractVersions"') : text.index("]", text.index('"contractVersions"')) + 1]


def test_the_descriptor_is_in_step_with_the_manifest() -> None:
    written = (PACKAGE / FILE_NAME).read_bytes()

    assert written == encode_descriptor(describe_plugin(plugin.manifest))


def test_the_manifest_has_the_version_of_its_distribution_which_offers_it() -> None:
    project = load_project(ROOT / "plugin_auth")["project"]

    assert plugin.manifest.version == project["version"]
    assert project["entry-points"]["netscript.plugins"] == {"auth": "netscript_plugin_auth.plugin:manifest"}


def test_its_port_is_the_seeds_until_the_manifest_says_otherwise(changed: Change) -> None:
    before = AuthServiceSettings.from_environment({"NETSCRIPT_PROFILE": "development"})

    changed("8094", "8194")

    after = AuthServiceSettings.from_environment({"NETSCRIPT_PROFILE": "development"})
    assert (before.port, before.public_url) == (8094, "http://localhost:8094")
    assert (after.port, after.public_url) == (8194, "http://localhost:8194")


async def test_the_name_of_its_service_is_what_it_says_that_it_is(changed: Change, tmp_path: Path) -> None:
    changed('"auth-api"', '"door-api"')

    told = await answer(development(tmp_path), "/api/openapi.json")

    assert told.json()["info"]["title"] == "door-api"


async def test_the_name_of_the_plugin_is_the_one_by_which_it_describes_itself(
    changed: Change, tmp_path: Path
) -> None:
    changed('"name": "auth"', '"name": "door"')

    told = await answer(development(tmp_path), "/api/v1/auth/describe")

    assert (told.json()["pluginName"], told.json()["contractVersions"]) == ("door", ["v1"])


async def test_a_contract_that_the_manifest_does_not_name_is_not_answered(
    changed: Change, tmp_path: Path
) -> None:
    before = await answer(development(tmp_path), "/api/v1/auth/describe")
    contracts = json.loads(plugin.manifest.to_json())["contributions"]["contractVersions"]
    changed(contracts_as_written(), '"contractVersions": []')

    after = await answer(development(tmp_path), "/api/v1/auth/describe")

    assert [each["version"] for each in contracts] == ["v1"]
    assert (before.status_code, after.status_code) == (HTTPStatus.OK, HTTPStatus.NOT_FOUND)


def test_its_health_path_is_the_one_that_is_asked_until_it_is_ready(changed: Change, tmp_path: Path) -> None:
    changed('"port": 8094', '"port": 8094, "healthPath": "/health/live"')
    environment = {**development(tmp_path), "PORT": str(unused_port())}

    api = plan_development(environment).programs[0]
    [process] = plan_plugins([ListedPlugin(plugin.manifest, "netscript-plugin-auth")]).processes

    assert api.ready_url == f"http://127.0.0.1:{environment['PORT']}/health/live"
    assert process.health_path == "/health/live"


def test_its_gate_is_a_module_that_asks_a_running_service(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [gate] = plugin.manifest.contributions.e2e
    assert gate.command == f"python -m {live_gate.__name__}"
    monkeypatch.setenv("services__auth-api__http__0", f"http://127.0.0.1:{unused_port()}/")

    code = live_gate.main()

    assert code == 1
    assert "Fix: start it with netscript dev" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({}, "http://127.0.0.1:8094"),
        ({"services__auth_api__http__0": "http://auth.acme.example"}, "http://auth.acme.example"),
        ({"services__auth-api__https__0": "https://auth.acme.example/"}, "https://auth.acme.example"),
    ],
)
def test_its_gate_finds_the_service_as_clients_do_and_else_where_the_manifest_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], where: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    address = live_gate.address_of(plugin.manifest)

    assert address == where


def test_its_gate_ends_with_2_where_a_variable_says_no_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("services__auth_api__http__0", "hunter2")

    code = live_gate.main()

    assert code == 2
    assert capsys.readouterr().err.count("services__auth_api__http__0 is no http address") == 1


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, []),
        ({"NETSCRIPT_AUTH_NONSENSE": "1"}, ["configuration"]),
        (
            {"NETSCRIPT_AUTH_ISSUER": "http://localhost:1", "NETSCRIPT_AUTH_CLIENT_ID": "auth-api"},
            ["kv-oauth.oidc.discovery"],
        ),
    ],
    ids=["fresh", "a wrong variable", "a provider that is away"],
)
def test_its_checks_are_those_of_its_own_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], found: list[str]
) -> None:
    assert plugin.manifest.contributions.doctor == f"{findings.__module__}:{findings.__name__}"
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    told = findings()

    assert [each.id for each in told if each.severity is Severity.ERROR] == found


def test_every_function_that_it_names_can_be_imported() -> None:
    given = plugin.manifest.contributions

    for named in (given.doctor, *(each.entrypoint for each in given.services)):
        assert named is not None
        assert resolve(named, "entrypoint").__module__ == named.partition(":")[0]


def test_reading_the_manifest_as_the_service_does_imports_no_model_of_manifests() -> None:
    program = (
        "import sys; from netscript_plugin_auth.own_manifest import own_manifest; own_manifest();"
        "sys.exit(','.join({'pydantic', 'packaging', 'netscript_kernel.plugins'} & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
