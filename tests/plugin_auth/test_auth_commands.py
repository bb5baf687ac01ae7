"""``netscript auth ...`` as a person types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key, parse_keys
from netscript_plugin_auth import serving
from tests.support.prepared import run_prepared


def run(
    *words: str, folder: Path, module: str = "netscript_cli", **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NETSCRIPT_")}
    return run_prepared(module, words, folder, {**environment, "NO_COLOR": "1", **variables})


def test_a_new_key_is_one_that_the_service_takes(tmp_path: Path) -> None:
    done = run("auth", "secret", "generate", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(parse_keys(done.stdout.strip())) == 1


def test_help_names_the_commands(tmp_path: Path) -> None:
    done = run("auth", "--help", folder=tmp_path)

    assert done.returncode == 0
    assert all(name in done.stdout for name in ("serve", "dev", "secret", "keys"))


@pytest.mark.parametrize("command", ["status", "rotate"])
def test_changing_keys_without_configuration_says_all_that_is_missing(tmp_path: Path, command: str) -> None:
    done = run("auth", "keys", command, "--json", folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in ("NETSCRIPT_AUTH_KEYS", "NETSCRIPT_KV_URL"))
    assert "Nothing was started" not in done.stderr
    assert "beside scripts/run and netscript auth dev, with NETSCRIPT_PROFILE=development" in done.stderr


REAL_PROVIDER = {
    "NETSCRIPT_AUTH_PROVIDER": "google",
    "NETSCRIPT_AUTH_CLIENT_ID": "id.apps.googleusercontent.com",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "GOCSPX-of-the-tests-only",
}


@pytest.mark.parametrize("provider", [REAL_PROVIDER, {}], ids=["a real provider", "the development provider"])
def test_a_rehearsal_of_a_change_of_keys_answers_a_program_beside_development(
    tmp_path: Path, provider: dict[str, str]
) -> None:
    store = tmp_path / ".data" / "kv.db"
    store.parent.mkdir(mode=0o700)
    store.touch(mode=0o600)
    (store.parent / "auth-keys").write_text(f"{generate_key()}\n")

    done = run(
        *("auth", "keys", "rotate", "--dry-run", "--json"),
        folder=tmp_path,
        NETSCRIPT_PROFILE="development",
        **provider,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["wouldSealAnew"], [key["state"] for key in told["keys"]]) == (0, ["current"])


def test_help_does_not_import_the_service(tmp_path: Path) -> None:
    program = (
        "import sys, netscript_plugin_auth.commands\n"
        "heavy = {'fastapi', 'pydantic', 'granian', 'httpx', 'jinja2', 'netscript_auth_kv_oauth'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "module"), [(("auth", "serve"), "netscript_cli"), ((), "netscript_plugin_auth")]
)
def test_serving_without_configuration_says_all_that_is_missing(
    tmp_path: Path, words: tuple[str, ...], module: str
) -> None:
    done = run(*words, folder=tmp_path, module=module)

    assert done.returncode == 2
    assert (
        "NETSCRIPT_AUTH_KEYS is not set\n      Fix: the output of: netscript auth secret generate"
        in done.stderr
    )
    assert all(name in done.stderr for name in ("NETSCRIPT_KV_URL", "NETSCRIPT_AUTH_PUBLIC_URL"))
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_module_answers_a_call_for_help(tmp_path: Path) -> None:
    done = run("--help", folder=tmp_path, module="netscript_plugin_auth")

    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: python -m netscript_plugin_auth" in done.stdout
    assert "netscript auth serve" in done.stdout


def test_the_module_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    done = run("--workers", "2", folder=tmp_path, module="netscript_plugin_auth")

    assert (done.returncode, done.stdout) == (2, "")
    assert "unrecognized arguments: --workers 2" in done.stderr


def test_development_with_an_unknown_backend_starts_nothing(tmp_path: Path) -> None:
    done = run("auth", "dev", folder=tmp_path, NETSCRIPT_AUTH_BACKEND="nonsense")

    assert done.returncode == 2
    assert "NETSCRIPT_AUTH_BACKEND names no installed auth backend" in done.stderr
    assert "kv-oauth" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NETSCRIPT_AUTH_BACKEND=nonsense\nNETSCRIPT_PROFILE=development\n")

    done = run("auth", "serve", folder=tmp_path)

    assert done.returncode == 2
    assert "names no installed auth backend" in done.stderr


def test_several_processes_do_not_share_a_store_that_lives_in_one(tmp_path: Path) -> None:
    done = run(
        *("auth", "serve", "--workers", "2"),
        folder=tmp_path,
        NETSCRIPT_PROFILE="development",
        NETSCRIPT_KV_URL="memory://",
        **REAL_PROVIDER,
    )

    assert done.returncode == 2
    assert "NETSCRIPT_KV_URL names a store within one process, and 2 are asked for" in done.stderr


@pytest.mark.parametrize("url", ["memory://", "MEMORY://", "Memory:"])
def test_such_a_store_is_known_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_DATA_DIR": str(tmp_path),
        "NETSCRIPT_KV_URL": url,
        **REAL_PROVIDER,
    }
    monkeypatch.setattr(serving, "process_environment", lambda: environment)

    with pytest.raises(ConfigurationError, match="NETSCRIPT_KV_URL: names a store within one process"):
        serving.serve_auth(workers=2)


def test_an_unknown_command_is_told(tmp_path: Path) -> None:
    done = run("auth", "nonsense", folder=tmp_path)

    assert done.returncode == 2
    assert "No such command 'nonsense'" in done.stderr
