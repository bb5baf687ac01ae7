"""Whose a session is after an import: the same person's, or nobody's."""

from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_plugin_auth.commands.identity_changes import link_identities, unlink_account
from netscript_plugin_auth.transfer.lines import session_line
from tests.plugin_auth.session_transfer import Mover, changed, first
from tests.plugin_auth.test_identity_commands import who


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


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
