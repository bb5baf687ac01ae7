"""``netscript auth sessions import``: whoever is signed in stays so in another store, and nobody else is."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth.commands.session_endings import revoke_all
from netscript_plugin_auth.transfer.lines import last_line, session_line
from tests.plugin_auth.session_transfer import NOTHING, Mover, changed, first, told
from tests.plugin_auth.test_identity_commands import who


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


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


def test_a_session_of_another_backend_is_refused(mover: Mover, capsys: pytest.CaptureFixture[str]) -> None:
    mover.sign_in(who("1"))
    portable = first(mover, mover.leave())
    capsys.readouterr()

    code = mover.arrive(changed(mover, portable, backend="workos"))

    assert code == 1
    assert "line 1: its session is of a backend that takes no sessions here" in capsys.readouterr().err


def test_a_rehearsal_into_a_store_that_is_not_there_says_that_the_import_makes_it(mover: Mover) -> None:
    mover.sign_in(who("1"))
    lines = mover.leave()

    with pytest.raises(ConfigurationError, match="a store that is not there is made without --dry-run"):
        mover.arrive(lines, is_rehearsal=True)

    assert not mover.file.exists()
