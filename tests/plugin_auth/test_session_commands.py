"""``netscript auth sessions ...``, as an operator types it."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from netscript_auth_core.domain import Device
from netscript_plugin_auth.commands.session_endings import revoke_all, revoke_one
from netscript_plugin_auth.commands.sessions import count_sessions, list_sessions
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import opened_parts
from tests.plugin_auth.test_auth_commands import run
from tests.plugin_auth.test_identity_commands import DRAINING, Operator, who

OF_TOKENS = {
    "NETSCRIPT_AUTH_BACKEND": "better-auth",
    "BETTER_AUTH_URL": "https://app.acme.example",
    "NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt",
}


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


def handles(user_id: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert list_sessions(user_id, as_json=True) == 0
    return [each["handle"] for each in json.loads(capsys.readouterr().out)["sessions"]]


def test_the_sessions_of_a_person_are_listed_and_nobody_elses(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, _ = operator.know(who("1", "Ann"), who("2"))
    tokens = [operator.sign_in(who(each)) for each in ("1", "1", "2")]

    assert list_sessions(ann.id, as_json=True) == 0

    told = capsys.readouterr().out
    listed = json.loads(told)["sessions"]
    assert [(each["userId"], each["state"]) for each in listed] == [(ann.id, "active")] * 2
    assert not any(token in told for token in tokens)


def test_what_a_browser_says_of_itself_moves_no_cursor(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    async def begin() -> str:
        async with opened_parts(read_configuration(operator.environment)) as parts:
            return (
                await parts.backend.sessions.create(who("1"), Device(user_agent="\x1b[2J\nusr_x"))
            ).user.id

    user_id = asyncio.run(begin())

    assert list_sessions(user_id, as_json=False) == 0

    shown = capsys.readouterr().out
    assert '"\\u001b[2J\\nusr_x"' in shown
    assert "\x1b" not in shown


def test_everybody_who_has_a_session_is_counted(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, _, bob = operator.know(who("1"), who("2"), who("3"))
    for each in ("1", "1", "3"):
        operator.sign_in(who(each))

    assert count_sessions(as_json=True) == 0

    assert json.loads(capsys.readouterr().out) == {
        "sessions": 3,
        "people": [{"userId": ann.id, "sessions": 2}, {"userId": bob.id, "sessions": 1}],
    }


def test_one_session_ends_and_the_others_do_not(
    operator: Operator, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "netscript.auth.events")
    (ann,) = operator.know(who("1"))
    first = operator.sign_in(who("1"))
    (handle,) = handles(ann.id, capsys)
    second = operator.sign_in(who("1"))

    codes = [revoke_one(handle, is_rehearsal=False, as_json=True) for _ in range(2)]

    assert codes == [0, 0]
    assert capsys.readouterr().out == '{"ended": 1}\n{"ended": 0}\n'
    assert [operator.is_signed_in(each) for each in (first, second)] == [False, True]
    assert [vars(each)["reason"] for each in caplog.records] == ["revoked_by_operator"]


def test_all_sessions_of_a_person_end_and_nobody_elses(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, _ = operator.know(who("1"), who("2"))
    tokens = [operator.sign_in(who(each)) for each in ("1", "1", "2")]

    assert revoke_all(ann.id, is_rehearsal=False, as_json=False) == 0

    assert capsys.readouterr().out == "Sessions ended: 2\n"
    assert [operator.is_signed_in(each) for each in tokens] == [False, False, True]


def test_a_rehearsal_ends_nothing(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    (ann,) = operator.know(who("1"))
    token = operator.sign_in(who("1"))
    (handle,) = handles(ann.id, capsys)

    codes = [
        revoke_one(handle, is_rehearsal=True, as_json=True),
        revoke_all(ann.id, is_rehearsal=True, as_json=True),
    ]

    assert codes == [0, 0]
    assert capsys.readouterr().out == '{"wouldEnd": 1}\n' * 2
    assert operator.is_signed_in(token)


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_who_or_what_is_not_there_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str], *, is_rehearsal: bool
) -> None:
    operator.know(who("1"))

    codes = [
        list_sessions("usr_nobody", as_json=False),
        revoke_all("usr_nobody", is_rehearsal=is_rehearsal, as_json=False),
        revoke_one("no\x1b", is_rehearsal=is_rehearsal, as_json=False),
    ]

    assert codes == [1, 1, 1]
    told = capsys.readouterr().err
    assert told.count("USER usr_nobody: nobody has this id\n") == 2
    assert 'No session has the handle "no\\u001b": netscript auth sessions list USER\n' in told


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_a_backend_that_cannot_says_why(
    operator: Operator, capsys: pytest.CaptureFixture[str], *, is_rehearsal: bool
) -> None:
    (ann,) = operator.know(who("1"))
    operator.environment |= OF_TOKENS

    codes = [
        list_sessions(ann.id, as_json=True),
        revoke_all(ann.id, is_rehearsal=is_rehearsal, as_json=True),
        revoke_one("a-handle", is_rehearsal=is_rehearsal, as_json=True),
    ]

    told = capsys.readouterr()
    assert (codes, told.out) == ([1, 1, 1], "")
    for operation in ("list_sessions", "revoke_all", "revoke"):
        assert f"the better-auth backend does not offer {operation}: " in told.err


def test_a_drained_backend_whose_sessions_are_left_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1"))
    token = operator.sign_in(who("1"))
    operator.environment |= {**DRAINING, "NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt"}

    assert revoke_all(ann.id, is_rehearsal=False, as_json=True) == 1

    told = capsys.readouterr()
    assert told.out == '{"ended": 1}\n'
    assert "the better-auth backend does not offer revoke_all: " in told.err
    assert not operator.is_signed_in(token)


@pytest.mark.parametrize(
    "words", [("list",), ("list", "usr_1", "--counts"), ("revoke",), ("revoke", "h", "--user", "usr_1")]
)
def test_half_a_wish_and_two_at_once_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("auth", "sessions", *words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value for" in done.stderr
