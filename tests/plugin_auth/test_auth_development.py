"""``netscript auth dev``: what it would run, and what it refuses before anything runs."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth.development import plan as development_plan
from netscript_plugin_auth.development.plan import plan_development
from tests.support.ports import unused_port


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PORT": str(unused_port()),
        "NETSCRIPT_DEV_PROVIDER_PORT": str(unused_port()),
        "NETSCRIPT_DATA_DIR": str(tmp_path),
    }


REAL_PROVIDER = {
    "NETSCRIPT_AUTH_PROVIDER": "google",
    "NETSCRIPT_AUTH_CLIENT_ID": "id.apps.googleusercontent.com",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "GOCSPX-of-the-tests-only",
}


def faults_of(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        plan_development(environment)
    return {fault.variable: fault.problem for fault in caught.value.faults}


def test_with_nothing_configured_the_development_provider_runs_beside_it(environment: dict[str, str]) -> None:
    plan = plan_development(environment)

    provider, api = plan.programs
    issuer = f"http://localhost:{environment['NETSCRIPT_DEV_PROVIDER_PORT']}"
    assert plan.address == f"http://localhost:{environment['PORT']}/"
    assert issuer in plan.provider
    assert api.environment["NETSCRIPT_AUTH_PROVIDER_DEVELOPMENT_PROVIDER_ISSUER"] == issuer
    assert provider.environment["NETSCRIPT_PROFILE"] == api.environment["NETSCRIPT_PROFILE"] == "development"
    assert f"{plan.address}api/v1/auth/callback" in provider.command
    assert api.environment["NETSCRIPT_AUTH_PROVIDER_DEVELOPMENT_PROVIDER_END_SESSION"] == "true"
    assert f"{plan.address}signed-out" in provider.command


def test_both_know_one_client_secret_which_no_command_line_shows(environment: dict[str, str]) -> None:
    provider, api = plan_development(environment).programs

    secret = provider.environment["NETSCRIPT_DEV_PROVIDER_CLIENT_SECRET"]
    assert api.environment["NETSCRIPT_AUTH_PROVIDER_DEVELOPMENT_PROVIDER_CLIENT_SECRET"] == secret
    assert secret not in " ".join((*provider.command, *api.command))
    assert secret not in repr(provider) + repr(api)


def test_neither_takes_a_file_of_the_working_directory_for_a_library(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for name in ("argparse", "starlette", "netscript_kernel"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for a library')")
    programs = plan_development(environment).programs

    codes = [
        subprocess.run([*each.command, "--help"], cwd=tmp_path, capture_output=True, check=False).returncode
        for each in programs
    ]

    assert codes == [0, 0]


def test_with_a_provider_configured_auth_api_runs_alone(environment: dict[str, str]) -> None:
    plan = plan_development({**environment, **REAL_PROVIDER})

    assert [program.name for program in plan.programs] == ["auth-api"]
    assert plan.provider == "the one that your settings name"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NETSCRIPT_AUTH_BACKEND", "nonsense"),
        ("NETSCRIPT_AUTH_PROVIDER", "nonsense"),
        ("NETSCRIPT_AUTH_CLIENT_SECRET", ""),
        ("NETSCRIPT_HOST", "0.0.0.0"),  # noqa: S104 - refused
        ("NETSCRIPT_PROFILE", "production"),
        ("NETSCRIPT_DEV_PROVIDER_PORT", "none"),
        ("NETSCRIPT_AUTH_NONSENSE", "1"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(
    environment: dict[str, str], variable: str, value: str
) -> None:
    assert variable in faults_of({**environment, variable: value})


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield str(server.getsockname()[1])


@pytest.mark.parametrize("variable", ["PORT", "NETSCRIPT_DEV_PROVIDER_PORT"])
def test_a_port_in_use_is_told_by_the_name_of_its_variable(
    environment: dict[str, str], taken_port: str, variable: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        plan_development({**environment, variable: taken_port})

    (fault,) = caught.value.faults
    assert fault.variable == variable
    assert f"is {taken_port}, which cannot be used on 127.0.0.1" in fault.problem
    assert fault.fix == f"stop what listens there, or set {variable} to a free port"


def test_without_the_development_provider_it_says_what_to_install(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(development_plan, "_PROVIDER_MODULE", "netscript_dev_provider_that_is_not_there")

    with pytest.raises(ConfigurationError, match=r"pip install 'netscript-plugin-auth\[dev\]'"):
        plan_development(environment)
