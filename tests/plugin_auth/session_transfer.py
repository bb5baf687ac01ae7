"""An operator who takes sessions from one installation to another."""

import asyncio
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.ports import Authenticated, AuthRequest, PortableSession
from netscript_auth_core.revocation_log import revoked_put
from netscript_kernel.clock import SystemClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_plugin_auth.commands.session_export import export_sessions
from netscript_plugin_auth.commands.session_import import import_sessions
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import opened_parts
from netscript_plugin_auth.transfer.lines import last_line, open_line, session_line
from tests.plugin_auth.test_identity_commands import Operator

DAY = timedelta(days=1)
NOTHING: Mapping[str, object] = {
    "imported": 0,
    "alreadyHere": 0,
    "expired": 0,
    "endedHere": 0,
    "tooOld": 0,
    "refused": 0,
    "isWhole": True,
    "differing": [],
}


class Mover(Operator):
    """An operator with a key for the way, and another installation to go to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, monkeypatch)
        self.folder = folder
        self.key_file = folder / "way.key"
        self.key_file.write_text(f"{generate_key()}\n")
        self.key_file.chmod(0o600)
        self.out = folder / "sessions.jsonl"

    @property
    def keys(self) -> KeyRing:
        return KeyRing(parse_keys(self.key_file.read_text()))

    def leave(self) -> bytes:
        """Export, and go on at the other installation, which has another store and other keys."""
        assert export_sessions(self.key_file, self.out) == 0
        self.go_on()
        return self.out.read_bytes()

    def go_on(self) -> None:
        self.file = self.folder / "elsewhere.db"
        self.environment["NETSCRIPT_KV_URL"] = f"sqlite:///{self.file}"
        self.environment["NETSCRIPT_AUTH_KEYS"] = generate_key()

    def arrive(self, lines: bytes, *, is_rehearsal: bool = False, max_age: timedelta = DAY) -> int:
        return import_sessions(
            self.key_file,
            io.BytesIO(lines),
            max_age=max_age,
            is_rehearsal=is_rehearsal,
            as_json=True,
        )

    def person_of(self, token: str) -> AuthUser | None:
        """Who is signed in by a token here."""

        async def ask() -> AuthUser | None:
            async with opened_parts(read_configuration(self.environment)) as parts:
                outcome = await parts.backend.authenticate(AuthRequest((token,)))
                return outcome.identity.user if isinstance(outcome, Authenticated) else None

        return asyncio.run(ask())

    def log_as_revoked(self, handle: str) -> None:
        async def log() -> None:
            async with opened_parts(read_configuration(self.environment)) as parts:
                await parts.store.commit(puts=[revoked_put(handle, parts.clock.now())])

        asyncio.run(log())

    def count_people(self) -> int:
        async def count() -> int:
            async with opened_parts(read_configuration(self.environment)) as parts:
                return len(await UserDirectory(parts.store, parts.clock).page())

        return asyncio.run(count())


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def first(mover: Mover, lines: bytes) -> PortableSession:
    portable = open_line(lines.splitlines()[0], mover.keys).session
    assert portable is not None
    return portable


def changed(mover: Mover, portable: PortableSession, **session: object) -> bytes:
    """An export of one session that is like another, as who has the key could write it."""
    now = SystemClock().now()
    other = portable.model_copy(update={"session": portable.session.model_copy(update=session)})
    return (session_line(other, now, mover.keys) + last_line(1, now, mover.keys)).encode()
