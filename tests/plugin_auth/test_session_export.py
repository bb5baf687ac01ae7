"""``netscript auth sessions export``: what leaves, for whom it is, and what is left of a failure."""

import json
import logging
import os
from pathlib import Path

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.commands.session_export import export_sessions
from tests.plugin_auth.session_transfer import Mover, first
from tests.plugin_auth.test_identity_commands import who

HOSTED = {"NETSCRIPT_AUTH_BACKEND": "better-auth", "BETTER_AUTH_URL": "https://app.acme.example"}
DRAINED = {**HOSTED, "NETSCRIPT_AUTH_DRAIN_BACKENDS": "kv-oauth"}
COOKIES = {"BETTER_AUTH_SECRET": "a" * 32}


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


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
