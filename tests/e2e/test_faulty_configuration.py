"""A variable that is missing or wrong stops the start: code 2, its name, what to set, and never its value."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.auth_api_process import NETSCRIPT, SERVE, make_key
from tests.support.ports import unused_port
from tests.support.program import started

pytestmark = pytest.mark.slow

VALUE = f"value{secrets.token_hex(8)}"
COMPLETE = {
    "NETSCRIPT_KV_URL": "sqlite:///auth.db",
    "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
    "NETSCRIPT_AUTH_KEYS": make_key(),
    "NETSCRIPT_AUTH_ISSUER": "https://id.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "acme",
    "NETSCRIPT_AUTH_CLIENT_SECRET": VALUE,
}
# Each is one start: the values that are wrong, and what to do about each of them.
WRONG = {
    "nonsense": {"NETSCRIPT_AUTH_BACKEND": (f"sk_{VALUE}", "one of the installed: ")},
    "spelling": {
        "NETSCRIPT_AUTH_BACKEND": ("KV-OAuth ", "did you mean kv-oauth?"),
        "NETSCRIPT_AUTH_CLIENT_SECERT": (VALUE, "did you mean NETSCRIPT_AUTH_CLIENT_SECRET?"),
    },
    "secrets": {
        "NETSCRIPT_AUTH_KEYS": (secrets.token_hex(32), "netscript auth secret generate"),
        "NETSCRIPT_AUTH_CLIENT_SECRET": (f"{VALUE}\n", "the client secret that came with the client id"),
        "NETSCRIPT_KV_URL": (f"mysql://user:{VALUE}@db/auth", "sqlite:///"),
    },
    "addresses": {
        "NETSCRIPT_AUTH_PUBLIC_URL": (f"http://{VALUE}.example", "such as https://"),
        "NETSCRIPT_AUTH_ISSUER": (f"https://id.acme.example/#{VALUE}", "exactly as in its metadata"),
        "NETSCRIPT_AUTH_ALLOWED_ORIGINS": (f"https://*.{VALUE}.example", "https://app.acme.example"),
        "PORT": (VALUE, "a port number"),
    },
    "more": {
        "NETSCRIPT_PROFILE": (VALUE, "production, or development"),
        "NETSCRIPT_AUTH_KEYS": (VALUE, "netscript auth secret generate"),
        "NETSCRIPT_AUTH_SESSION_TTL": (VALUE, "such as 24h or 7d"),
    },
}


def _start(environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    with started(SERVE, environment, folder) as refused:
        code = refused.wait()
        assert refused.stdout == ""
        return code, refused.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        # How each fault is told is tested without a process, too.
        pytest.param(wrong, id=name, marks=() if name == "secrets" else pytest.mark.full)
        for name, wrong in WRONG.items()
    ],
)
def test_wrong_values_are_named_with_their_fixes_and_never_repeated(
    tmp_path: Path, wrong: Mapping[str, tuple[str, str]]
) -> None:
    code, told = _start({**COMPLETE, **{name: value for name, (value, _) in wrong.items()}}, tmp_path)

    assert code == 2
    assert [name for name in wrong if f"  {name} " not in told] == []
    assert [fix for _, fix in wrong.values() if fix not in told] == []
    assert [value for value, _ in wrong.values() if value.strip() in told] == []
    assert VALUE not in told
    assert "Traceback" not in told
    assert not (tmp_path / "auth.db").exists()


def test_everything_that_is_missing_is_told_in_one_message(tmp_path: Path) -> None:
    code, told = _start({}, tmp_path)

    needed = {
        name for name in COMPLETE if name not in {"NETSCRIPT_AUTH_ISSUER", "NETSCRIPT_AUTH_CLIENT_SECRET"}
    }
    assert code == 2
    assert [name for name in (*needed, "NETSCRIPT_AUTH_PROVIDER") if f"{name} is not set" not in told] == []
    assert told.count("Fix: ") == told.count("is not set")
    assert "Traceback" not in told


def test_the_key_that_the_message_asks_for_is_made_by_the_command_that_it_names(tmp_path: Path) -> None:
    with started([NETSCRIPT, "auth", "secret", "generate"], {}, tmp_path) as generate:
        assert generate.wait() == 0
        key = generate.stdout.strip()

    code, told = _start({**COMPLETE, "NETSCRIPT_AUTH_KEYS": key, "PORT": "nowhere"}, tmp_path)

    assert code == 2
    assert "NETSCRIPT_AUTH_KEYS" not in told


def test_a_store_that_cannot_be_reached_is_told_once_with_its_variable_and_without_its_password(
    tmp_path: Path,
) -> None:
    ports = {"PORT": str(unused_port()), "NETSCRIPT_HOST": "127.0.0.1"}
    away = unused_port()
    store = {"NETSCRIPT_KV_URL": f"redis://user:{VALUE}@localhost:{away}/0"}

    with started([*SERVE, "--workers", "2"], {**COMPLETE, **ports, **store}, tmp_path) as api:
        code = api.wait()
        told, logged = api.stderr, api.stdout

    assert code == 1
    assert told.splitlines() == [
        f"the redis store is unavailable: localhost:{away}: nothing listens there. Fix: see to that server, "
        "or correct its host, port, user or password in NETSCRIPT_KV_URL"
    ]
    assert "auth-api did not start; standard error says why" in logged
    assert VALUE not in told + logged


@pytest.mark.parametrize("text", [None, "", VALUE], ids=["missing", "empty", "malformed"])
def test_a_wrong_key_file_is_a_fault_of_the_variable_that_names_it(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "auth-keys"
    if text is not None:
        file.write_text(text)
    complete = {name: value for name, value in COMPLETE.items() if name != "NETSCRIPT_AUTH_KEYS"}

    code, told = _start({**complete, "NETSCRIPT_AUTH_KEYS_FILE": str(file)}, tmp_path)

    assert code == 2
    assert told.startswith(
        "The configuration has a fault. Nothing was started.\n\n  NETSCRIPT_AUTH_KEYS_FILE names "
    )
    assert "netscript auth secret generate" in told
    assert VALUE not in told
