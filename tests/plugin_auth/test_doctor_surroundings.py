"""``netscript auth doctor`` wherever it is run: an odd folder, odd variables, an odd address to ask."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_core.checks import Severity
from netscript_cli.main import main
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.doctor.examination import Examined, examine
from netscript_plugin_auth.doctor.report import as_document, in_words
from netscript_plugin_auth.settings import AuthServiceSettings
from tests.support.raw_server import Asked, run_raw_server

# Escapes of a terminal, bytes that are no text (as Python reads them from the system), and much of it.
HOSTILE = "\x1b]0;hostile\x07\x1b[2J\udcff" + "hostile" * 5_000
VARIABLES = [
    *(AuthServiceSettings.variable(name) for name in AuthServiceSettings.model_fields),
    *(f"NETSCRIPT_AUTH_{name}" for name in ("PROVIDER", "CLIENT_ID", "CLIENT_SECRET", "ISSUER", "SCOPES")),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_KV_URL": f"sqlite:///{tmp_path / 'auth.db'}",
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        "NETSCRIPT_AUTH_PROVIDER": "github",
        "NETSCRIPT_AUTH_CLIENT_ID": "an-id",
        "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
    }


def doctor(*words: str) -> int:
    """Run the command, and return its exit code."""
    try:
        return main(["auth", "doctor", *words])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


def shown(examined: Sequence[Examined]) -> str:
    return in_words(examined) + as_document(examined)


@pytest.mark.parametrize(
    "value", [HOSTILE, "\udcff\udcfe", "hostile" * 20_000], ids=["escapes", "no text", "long"]
)
@pytest.mark.parametrize("variable", VARIABLES)
async def test_no_value_of_a_variable_breaks_it_or_is_shown(
    environment: dict[str, str], variable: str, value: str
) -> None:
    environment[variable] = value

    examined = await examine(environment, limit=timedelta(seconds=1))

    told = shown(examined)
    assert not any(word in told for word in ("hostile", "\x1b", "\udcff", "Traceback"))
    assert len(told) < 20_000


def test_a_folder_called_env_is_no_file_of_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").mkdir()

    ended = doctor()

    assert ended == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"NETSCRIPT_AUTH_KEYS=\xff\xfehostile\n", ".env cannot be read"),
        (b"NETSCRIPT_PROFILE=development\nhostile\n", ".env: line 2 says nothing that can be understood"),
    ],
    ids=["no text", "a line that says nothing"],
)
def test_variables_that_cannot_be_read_end_it_with_code_2_and_say_that_nothing_was_looked_at(
    text: bytes,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(text)

    ended = doctor("--json")

    captured = capsys.readouterr()
    assert (ended, captured.out) == (2, "")
    assert told in captured.err
    assert "Nothing was looked at" in captured.err
    assert "hostile" not in captured.err


@pytest.mark.parametrize(
    "words", [("--live", "hostile"), ("--live", "ftp://hostile/"), ("--live",), ("--hostile",), ("hostile",)]
)
def test_a_command_line_that_is_none_of_ours_ends_it_with_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = doctor(*words)

    assert (ended, capsys.readouterr().out) == (2, "")


def test_a_folder_with_nothing_in_it_is_told_what_is_missing_with_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = doctor()

    assert ended == 1
    told = capsys.readouterr().out
    assert "NETSCRIPT_AUTH_KEYS" in told
    *_, last = told.strip().split("\n\n")
    assert "NETSCRIPT_PROFILE=development" in last
    assert "PORT and\nNETSCRIPT_DEV_PROVIDER_PORT" in last
    assert list(tmp_path.iterdir()) == []


def test_programs_get_no_advice_beside_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    doctor("--json")

    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.mark.parametrize("kind", ["folder", "no whole database", "no database"])
async def test_a_store_that_is_none_is_found_and_left_as_it_is(
    environment: dict[str, str], tmp_path: Path, kind: str
) -> None:
    store = tmp_path / "auth.db"
    if kind == "folder":
        store.mkdir(mode=0o700)
    else:
        store.write_bytes(b"SQLite format 3\x00hostile" if kind == "no whole database" else b"hostile")
        store.chmod(0o600)
    before = None if store.is_dir() else store.read_bytes()

    examined = await examine(environment, limit=timedelta(seconds=5))

    [looked] = [each.findings for each in examined if each.id == "store.reachable"]
    assert [each.severity for each in looked] == [Severity.ERROR]
    assert "hostile" not in shown(examined)
    assert (None if store.is_dir() else store.read_bytes()) == before


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hostile\x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhost",
        b"HTTP/1.1 302 Found\r\nLocation: /hostile\r\nContent-Length: 0\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{"status":"\\u001bhostile"',
        b"HTTP/1.1 200 OK\r\n\r\n" + b"hostile" * 500_000,
    ],
    ids=["nothing", "garbage", "cut off", "circle", "no JSON", "much"],
)
async def test_a_running_service_that_is_none_is_found_and_not_repeated(
    environment: dict[str, str], said: bytes
) -> None:
    async def speak(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(said)

    async with run_raw_server(speak) as port:
        examined = await examine(environment, live=f"http://127.0.0.1:{port}", limit=timedelta(seconds=5))

    live = [found for each in examined if each.id.startswith("live") for found in each.findings]
    assert Severity.ERROR in {each.severity for each in live}
    assert "hostile" not in shown(examined)
