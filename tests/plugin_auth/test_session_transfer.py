"""``netscript auth sessions export`` and ``import``: whoever is signed in stays so in another store."""

import asyncio
import io
import json
import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.ports import Authenticated, AuthRequest, PortableSession
from netscript_auth_core.revocation_log import revoked_put
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_plugin_auth.commands.identity_changes import link_identities, unlink_account
from netscript_plugin_auth.commands.session_endings import revoke_all
from netscript_plugin_auth.commands.session_export import export_sessions
from netscript_plugin_auth.commands.session_import import import_sessions
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import opened_parts
from netscript_plugin_auth.transfer.lines import LONGEST, last_line, open_line, session_line
from tests.plugin_auth.test_identity_commands import Operator, who

DAY = timedelta(days=1)
NOTHING: Mapping[str, object] = {
    "imported": 0,
    "alreadyHere": 0,
    "expired": 0,
    "endedHere": 0,
    "tooOld": 0,
    "refused": 0,
    "isWhole": True,
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


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


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


def test_whoever_is_signed_in_stays_so_with_the_same_id(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    people = mover.know(who("1", "Ann"), who("2", "Bob"))
    tokens = [mover.sign_in(who(each)) for each in ("1", "1", "2")]
    lines = mover.leave()
    capsys.readouterr()

    assert mover.arrive(lines) == 0

    assert told(capsys) == {**NOTHING, "imported": 3}
    ann, bob = people
    assert [person.id if person else None for person in map(mover.person_of, tokens)] == [
        ann.id,
        ann.id,
        bob.id,
    ]


def test_more_people_than_fit_into_a_page_all_leave(
    mover: Mover, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netscript_auth_core.directory._AT_ONCE", 2)
    for each in range(5):
        mover.sign_in(who(f"{each}"))

    lines = mover.leave()

    assert "exported: 5, left behind: 0\n" in capsys.readouterr().err
    assert len({first(mover, line).user.id for line in lines.splitlines()[:-1]}) == 5


def test_an_export_tells_nobody_anything_without_its_key(mover: Mover) -> None:
    (ann,) = mover.know(who("1", "Ann").model_copy(update={"email": "ann@acme.example"}))
    token = mover.sign_in(who("1"))

    lines = mover.leave()

    assert [sorted(json.loads(line)) for line in lines.splitlines()] == [["sealed", "version"]] * 2
    assert not any(each.encode() in lines for each in (token, ann.id, "Ann", "ann@", "google"))
    assert mover.out.stat().st_mode & 0o777 == 0o600


def test_an_export_says_how_many_and_is_an_event(
    mover: Mover, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "netscript.auth.events")
    mover.sign_in(who("1"))

    lines = mover.leave()
    assert mover.arrive(lines) == 0

    assert "exported: 1, left behind: 0\n" in capsys.readouterr().err
    assert [(each.message, vars(each)["detail"]) for each in caplog.records] == [
        ("auth.sessions.exported", "1 sessions"),
        ("auth.sessions.imported", "1 sessions"),
    ]


def test_what_is_here_already_stays_as_it_is(mover: Mover, capsys: pytest.CaptureFixture[str]) -> None:
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    mover.arrive(lines)
    capsys.readouterr()

    assert mover.arrive(lines) == 0

    assert told(capsys) == {**NOTHING, "alreadyHere": 1}
    assert mover.is_signed_in(token)


def test_what_ended_here_is_not_revived_by_the_same_export(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = mover.know(who("1"))
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    mover.arrive(lines)
    revoke_all(ann.id, is_rehearsal=False, as_json=False)
    capsys.readouterr()

    assert mover.arrive(lines) == 0

    assert told(capsys) == {**NOTHING, "endedHere": 1}
    assert mover.person_of(token) is None


def test_a_session_that_the_log_knows_to_have_ended_is_not_revived(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    mover.log_as_revoked(first(mover, lines).session.handle)
    capsys.readouterr()

    assert mover.arrive(lines) == 0

    assert told(capsys) == {**NOTHING, "endedHere": 1}
    assert mover.person_of(token) is None
    assert mover.count_people() == 0


def test_a_session_that_expired_on_the_way_is_counted_and_its_person_does_not_come(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    mover.sign_in(who("1"))
    lines = mover.leave()
    now = SystemClock().now()
    over = changed(mover, first(mover, lines), idle_expires_at=now - timedelta(seconds=1))
    capsys.readouterr()

    assert mover.arrive(over) == 0

    assert told(capsys) == {**NOTHING, "expired": 1}
    assert mover.count_people() == 0


@pytest.mark.parametrize(
    ("age", "is_taken"),
    [(timedelta(hours=23), True), (timedelta(hours=25), False), (timedelta(minutes=-6), False)],
)
def test_an_old_export_is_refused(
    mover: Mover, capsys: pytest.CaptureFixture[str], age: timedelta, *, is_taken: bool
) -> None:
    token = mover.sign_in(who("1"))
    portable, at = first(mover, mover.leave()), SystemClock().now() - age
    lines = (session_line(portable, at, mover.keys) + last_line(1, at, mover.keys)).encode()
    capsys.readouterr()

    code = mover.arrive(lines)

    assert code == (0 if is_taken else 1)
    assert told(capsys) == {**NOTHING, ("imported" if is_taken else "tooOld"): 1}
    assert (mover.person_of(token) is not None) is is_taken


def test_how_old_it_may_be_is_the_operator_s_to_say(mover: Mover, capsys: pytest.CaptureFixture[str]) -> None:
    mover.sign_in(who("1"))
    lines = mover.leave()
    capsys.readouterr()

    assert mover.arrive(lines, max_age=timedelta(0)) == 1

    shown = capsys.readouterr()
    assert json.loads(shown.out)["tooOld"] == 1
    assert "--max-age" in shown.err


def test_a_rehearsal_says_what_would_be_and_writes_nothing(
    mover: Mover, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    mover.know(who("2"))
    caplog.clear()
    caplog.set_level(logging.INFO, "netscript.auth.events")
    capsys.readouterr()

    assert mover.arrive(lines, is_rehearsal=True) == 0

    shown = told(capsys)
    assert shown.pop("wouldImport") == 1
    assert shown == {name: value for name, value in NOTHING.items() if name != "imported"}
    assert mover.person_of(token) is None
    assert mover.count_people() == 1
    assert caplog.records == []


def test_a_line_that_does_not_open_is_told_by_its_number_alone_and_the_others_go_in(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = [mover.sign_in(who(each)) for each in ("1", "2", "3")]
    one, two, three, last = mover.leave().splitlines()
    flipped = json.loads(two)
    flipped["sealed"] = flipped["sealed"][:-1] + ("A" if flipped["sealed"][-1] != "A" else "E")
    foreign = session_line(first(mover, one), SystemClock().now(), KeyRing(parse_keys(generate_key())))
    bad = [json.dumps(flipped).encode(), b"Mallory was here", foreign.strip().encode(), b"\xff\x00"]
    capsys.readouterr()

    code = mover.arrive(b"\n".join([one, b"", *bad, three, last]))

    shown = capsys.readouterr()
    assert code == 1
    assert json.loads(shown.out) == {**NOTHING, "imported": 2, "refused": 4, "isWhole": False}
    lines = [line for line in shown.err.splitlines() if line.startswith("line ")]
    assert lines == [
        f"line {number} does not open with this key, or is no line of an export" for number in (3, 4, 5, 6)
    ]
    assert "Mallory" not in shown.err
    assert [mover.person_of(each) is not None for each in tokens] == [True, False, True]


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b'{"version": 2, "sealed": "AA"}',
        b'{"version": 1}',
        b'{"version": 1, "sealed": "\\ud800"}',
        b'{"version": 1, "sealed": 7}',
        b"[" * 100_000,
        b"x" * (LONGEST + 10),
    ],
    ids=["list", "newer", "bare", "surrogate", "number", "deep", "long"],
)
def test_whatever_is_no_line_is_one_refusal(
    mover: Mover, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    mover.sign_in(who("1"))
    good = mover.leave()
    capsys.readouterr()

    code = mover.arrive(text + b"\n" + good)

    shown = told(capsys)
    assert code == 1
    assert (shown["imported"], shown["refused"]) == (1, 1)


@pytest.mark.parametrize("left", [slice(0, 2), slice(1, 3), slice(0, 0)], ids=["end", "beginning", "all"])
def test_lines_that_are_missing_are_missed(
    mover: Mover, capsys: pytest.CaptureFixture[str], left: slice
) -> None:
    for each in ("1", "2"):
        mover.sign_in(who(each))
    lines = mover.leave().splitlines(keepends=True)
    capsys.readouterr()

    code = mover.arrive(b"".join(lines[left]))

    shown = capsys.readouterr()
    assert code == 1
    assert json.loads(shown.out)["isWhole"] is False
    assert "lines of it are missing" in shown.err


def test_two_exports_one_behind_the_other_are_both_whole(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    mover.sign_in(who("1"))
    lines = mover.leave()
    capsys.readouterr()

    assert mover.arrive(lines + lines) == 0

    assert told(capsys) == {**NOTHING, "imported": 1, "alreadyHere": 1}


def test_who_signed_in_there_meanwhile_is_the_same_person_by_their_account(mover: Mover) -> None:
    mover.know(who("1"))
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    (here,) = mover.know(who("1"))

    assert mover.arrive(lines) == 0

    person = mover.person_of(token)
    assert person is not None
    assert person.id == here.id
    assert mover.count_people() == 1


def test_whose_session_it_is_does_not_change_by_another_account_of_theirs(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other = mover.know(who("1"), who("2"))
    assert link_identities(ann.id, other.id) == 0
    token = mover.sign_in(who("1"))
    lines = mover.leave()
    mover.know(who("2"))
    capsys.readouterr()

    code = mover.arrive(lines)

    shown = capsys.readouterr()
    assert code == 1
    assert "line 1: its session is of somebody who has an account of somebody else here" in shown.err
    assert mover.person_of(token) is None
    assert mover.count_people() == 1


def test_an_account_that_was_taken_out_there_lets_nobody_in(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other = mover.know(who("1"), who("2"))
    assert link_identities(ann.id, other.id) == 0
    mover.sign_in(who("2"))
    lines = mover.leave()
    mover.arrive(lines)
    token = mover.sign_in(who("2"))
    again = first(mover, lines)
    account = again.user.accounts[1]
    assert unlink_account(ann.id, account.issuer, account.subject) == 0
    capsys.readouterr()

    code = mover.arrive(changed(mover, again, handle="h" * 43))

    assert code == 1
    assert "of somebody here who does not have its account" in capsys.readouterr().err
    assert mover.person_of(token) is None


def test_a_session_of_another_backend_is_refused(mover: Mover, capsys: pytest.CaptureFixture[str]) -> None:
    mover.sign_in(who("1"))
    portable = first(mover, mover.leave())
    capsys.readouterr()

    code = mover.arrive(changed(mover, portable, backend="workos"))

    assert code == 1
    assert "line 1: its session is of a backend that takes no sessions here" in capsys.readouterr().err


HOSTED = {"NETSCRIPT_AUTH_BACKEND": "better-auth", "BETTER_AUTH_URL": "https://app.acme.example"}
DRAINED = {**HOSTED, "NETSCRIPT_AUTH_DRAIN_BACKENDS": "kv-oauth"}
COOKIES = {"BETTER_AUTH_SECRET": "a" * 32}


def test_where_an_upstream_keeps_the_sessions_there_is_nothing_to_export(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    mover.sign_in(who("1"))
    mover.environment |= HOSTED | COOKIES

    codes = [export_sessions(mover.key_file, mover.out), mover.arrive(b"")]

    assert codes == [1, 1]
    assert "Sessions of better-auth are kept at its upstream" in capsys.readouterr().err
    assert not mover.out.exists()


def test_sessions_of_a_drained_backend_go_along(mover: Mover) -> None:
    token = mover.sign_in(who("1"))
    mover.environment |= DRAINED | COOKIES

    assert mover.arrive(mover.leave()) == 0

    assert mover.is_signed_in(token)


@pytest.mark.parametrize(
    ("text", "mode", "problem"),
    [
        (generate_key(), 0o640, "others than its owner can open"),
        ("not-a-key", 0o600, "holds no key"),
        ("\N{SNOWMAN}", 0o600, "holds no key"),
        (f"{generate_key()},{generate_key()}", 0o600, "several keys"),
        (None, 0o600, "cannot be read"),
    ],
    ids=["open to others", "no key", "no text", "two keys", "no file"],
)
def test_a_key_file_that_is_none_is_a_fault_and_nothing_is_read_or_written(
    mover: Mover, text: str | None, mode: int, problem: str
) -> None:
    mover.key_file.unlink()
    if text is not None:
        mover.key_file.write_text(text)
        mover.key_file.chmod(mode)

    with pytest.raises(ConfigurationError, match=problem) as leaving:
        export_sessions(mover.key_file, mover.out)
    with pytest.raises(ConfigurationError, match=problem) as arriving:
        mover.arrive(b"")

    assert text is None or text not in f"{leaving.value}{arriving.value}"
    assert not mover.out.exists()


def test_a_file_that_is_there_is_not_overwritten(mover: Mover) -> None:
    mover.sign_in(who("1"))
    mover.out.write_text("of somebody")

    with pytest.raises(ConfigurationError, match="--out: names a file that cannot be made"):
        export_sessions(mover.key_file, mover.out)

    assert mover.out.read_text() == "of somebody"


def test_half_an_export_is_not_kept(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    mover.sign_in(who("1"))

    def full(*_: object) -> str:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("netscript_plugin_auth.commands.session_export.last_line", full)

    assert export_sessions(mover.key_file, mover.out) == 1

    assert not mover.out.exists()


def test_a_session_without_its_own_account_is_nobody_s(
    mover: Mover, capsys: pytest.CaptureFixture[str]
) -> None:
    mover.sign_in(who("1"))
    portable, now = first(mover, mover.leave()), SystemClock().now()
    bare = portable.model_copy(update={"user": portable.user.model_copy(update={"accounts": ()})})
    capsys.readouterr()

    assert mover.arrive(session_line(bare, now, mover.keys).encode()) == 1

    assert "line 1: its session is by an account that is not its person's" in capsys.readouterr().err
    assert mover.count_people() == 0
