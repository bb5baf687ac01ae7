"""What holds for every command of ``netscript auth``, whatever it is given and whatever is away."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.commands.groups import options
from netscript_plugin_auth.commands.tree import app
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import opened_parts
from tests.plugin_auth.test_identity_commands import FORGERY


@dataclass(frozen=True)
class Use:
    """How a command is used.

    Attributes:
        words: Arguments with which it works; ``ID`` is a person, ``KEY`` a file with a key, ``SESSIONS`` and
            ``PEOPLE`` are exports.
        hostile: The same, where what is typed is ``ID``.
        reads: Whether it changes nothing, and so can be asked by a program.
        needs_store: Whether it works with the store of the service.
        codes: With which it may end when nothing is away.
    """

    words: Sequence[str] = ()
    hostile: Sequence[str] = ()
    reads: bool = False
    needs_store: bool = True
    codes: frozenset[int] = field(default=frozenset({0}))


FINDS_TROUBLE: Final = frozenset({0, 1})

USES: Final[Mapping[str, Use]] = {
    "doctor": Use(hostile=("--live", "ID"), reads=True, codes=FINDS_TROUBLE),
    "explain": Use(("req_unknown",), ("ID",), reads=True, codes=FINDS_TROUBLE),
    "proxy-check": Use(
        ("http://127.0.0.1:1/",), ("ID",), reads=True, needs_store=False, codes=frozenset({2})
    ),
    "secret generate": Use(needs_store=False),
    "keys status": Use(reads=True),
    "keys rotate": Use(("--dry-run",)),
    "keys rotate-signing": Use(codes=frozenset({2})),  # no service takes tokens
    "providers list": Use(reads=True, needs_store=False),
    "providers show": Use(("github",), ("ID",), reads=True, needs_store=False),
    "drain status": Use(reads=True),
    "identities list": Use(reads=True),
    "identities link": Use(("ID", "usr_other", "--dry-run"), ("ID", "usr_other"), codes=frozenset({1})),
    "identities unlink": Use(
        ("ID", "issuer", "subject", "--dry-run"), ("ID", "ID", "ID"), codes=frozenset({1})
    ),
    "identities export": Use(),
    "identities import": Use(("PEOPLE", "--dry-run"), ("ID",)),
    "audit list": Use(hostile=("--event", "ID"), reads=True),
    "sessions list": Use(("ID",), ("ID",), reads=True),
    "sessions revoke": Use(("--user", "ID", "--dry-run"), ("--", "ID")),
    "sessions export": Use(("--key-file", "KEY"), ("--key-file", "ID")),
    "sessions import": Use(
        ("SESSIONS", "--key-file", "KEY", "--dry-run"), ("SESSIONS", "--key-file", "ID", "--dry-run")
    ),
    "adapter new": Use(("okta-remote",), ("ID",), needs_store=False),
    "backend list": Use(reads=True, needs_store=False),
    "backend show": Use(("kv-oauth",), ("ID",), reads=True, needs_store=False),
    "backend set": Use(("kv-oauth", "--dry-run"), ("ID", "--dry-run"), needs_store=False),
}
RUN_THE_SERVICE: Final = frozenset({"serve", "dev"})
JSON_LINES: Final = frozenset({"identities list"})

HOSTILE: Final = {
    "long": "x" * 100_000,
    "NUL": "usr_\0",
    "newline": "usr_1\nusr_2",
    "escape": "\x1b[2J\x9b8m\u202e",
    "surrogate": "usr_\udcff",
    "path": "../../etc/passwd",
    "option": "--x",
    "empty": "",
    "letters": "\u0130\u017f\u00df",
}


def _commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    command = get_command(app) if command is None else command
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
        return
    for name, each in below.items():
        yield from _commands(each, (*path, name))


COMMANDS: Final[Mapping[str, Any]] = dict(_commands())


class Terminal:
    """Somebody who types commands in the folder of a service."""

    def __init__(self, folder: Path) -> None:
        self.environment: dict[str, str] = {
            "NETSCRIPT_PROFILE": "development",
            "NETSCRIPT_KV_URL": f"sqlite:///{folder}/auth.db?synchronous=normal",
            "NETSCRIPT_AUTH_KEYS": generate_key(),
            "NETSCRIPT_AUTH_PUBLIC_URL": "http://localhost:8094",
            "NETSCRIPT_AUTH_ISSUER": "http://localhost:1",  # nobody is there
            "NETSCRIPT_AUTH_CLIENT_ID": "auth-api",
        }
        self._places = {name: str(folder / name.lower()) for name in ("KEY", "PEOPLE", "SESSIONS")}
        Path(self._places["KEY"]).touch(mode=0o600)
        Path(self._places["KEY"]).write_text(generate_key())
        self.person = asyncio.run(self._know())
        for name in ("identities export", "sessions export"):
            place = self._places["PEOPLE" if name.startswith("identities") else "SESSIONS"]
            Path(place).write_text(self.types(name, *USES[name].words).stdout)

    def types(
        self, name: str, *words: str, typed: str | None = None, variables: Mapping[str, str] | None = None
    ) -> Result:
        """Run a command in this process; ``typed`` stands where the id of the person would."""
        places = {**self._places, "ID": self.person if typed is None else typed}
        given = [*name.split(), *(places.get(word, word) for word in words)]
        env = self.environment if variables is None else variables
        return CliRunner().invoke(app, given, env=env)

    async def _know(self) -> str:
        person = ExternalIdentity(
            issuer="https://id.acme.example", subject=FORGERY, provider_id="oidc", name="Ann", email=FORGERY
        )
        async with opened_parts(read_configuration(self.environment)) as parts:
            return (await parts.backend.sessions.create(person, Device(user_agent=FORGERY))).user.id


@pytest.fixture(scope="module")
def a_terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with pytest.MonkeyPatch.context() as patch:
        # The log of a process is set up once; here there is one process for all commands.
        patch.setattr(options, "_log_to_standard_error", lambda: None)
        folder = tmp_path_factory.mktemp("service")
        patch.chdir(folder)
        yield Terminal(folder)


@pytest.fixture
def terminal(a_terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return a_terminal


def is_plain(text: str) -> bool:
    """Whether nothing in a text moves a cursor, turns a direction, or is no text at all."""
    return all(line.isprintable() for line in text.split("\n"))


def assert_ended(result: Result, *codes: int) -> None:
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in codes, result.output
    assert "Traceback" not in result.output
    assert is_plain(result.output), ascii(result.output)


def test_every_command_has_its_use_here() -> None:
    assert set(COMMANDS) == set(USES) | RUN_THE_SERVICE


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_a_command_does_and_what_each_of_its_words_means(
    terminal: Terminal, name: str
) -> None:
    shown = terminal.types(name, "--help")

    assert_ended(shown, 0)
    assert COMMANDS[name].help.split("\n")[0].rstrip().endswith((".", ":"))
    for each in COMMANDS[name].params:
        assert each.help, f"{name} {each.name}"


@pytest.mark.parametrize("name", [name for name, use in USES.items() if use.reads])
def test_what_a_command_reads_is_for_programs_as_well(terminal: Terminal, name: str) -> None:
    result = terminal.types(name, *USES[name].words, "--json")

    assert_ended(result, *USES[name].codes)
    if result.exit_code == 2:
        assert result.stdout == "" or json.loads(result.stdout)
    elif name in JSON_LINES:
        assert "JSON Lines" in terminal.types(name, "--help").stdout
        assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [terminal.person]
    elif result.stdout or result.exit_code == 0:
        json.loads(result.stdout)


@pytest.mark.parametrize("name", USES)
def test_nothing_that_somebody_chose_moves_the_cursor(terminal: Terminal, name: str) -> None:
    result = terminal.types(name, *USES[name].words)

    assert_ended(result, *USES[name].codes)


@pytest.mark.parametrize("name", COMMANDS)
def test_bad_use_is_told_from_trouble(terminal: Terminal, name: str) -> None:
    words = USES[name].words if name in USES else ()

    assert_ended(terminal.types(name, *words, "--no-such-option"), 2)
    assert_ended(terminal.types(name, *words, "one", "two", "three", "four"), 2)


@pytest.mark.parametrize("name", [name for name, use in USES.items() if use.hostile])
def test_no_id_is_too_odd(terminal: Terminal, name: str) -> None:
    for typed in HOSTILE.values():
        result = terminal.types(name, *USES[name].hostile, typed=typed)

        assert_ended(result, 1, 2)


@pytest.mark.parametrize("name", [name for name, use in USES.items() if use.needs_store])
def test_a_store_that_is_away_is_trouble_and_an_absent_configuration_bad_use(
    terminal: Terminal, name: str
) -> None:
    away = {**terminal.environment, "NETSCRIPT_KV_URL": "redis://127.0.0.1:1/0"}

    without = terminal.types(name, *USES[name].words, variables={})
    result = terminal.types(name, *USES[name].words, variables=away)

    assert_ended(without, 1 if name == "doctor" else 2)
    assert "NETSCRIPT_AUTH_PUBLIC_URL" in without.output
    assert_ended(result, 1, *({2} & USES[name].codes))
    assert "127.0.0.1" in result.stderr or name in {"doctor", "keys rotate-signing"}


@pytest.mark.parametrize("name", ["serve"])
def test_a_service_that_nothing_says_how_to_run_does_not_start(terminal: Terminal, name: str) -> None:
    result = terminal.types(name, variables={})

    assert_ended(result, 2)
    assert "NETSCRIPT_AUTH_PUBLIC_URL" in result.stderr
