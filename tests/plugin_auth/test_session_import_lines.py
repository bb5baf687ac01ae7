"""The lines of an export: each is whole or refused, and one that is missing is missed."""

import json
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_plugin_auth.transfer.lines import LONGEST, session_line
from tests.plugin_auth.session_transfer import NOTHING, Mover, first, told
from tests.plugin_auth.test_identity_commands import who


@pytest.fixture
def mover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mover:
    return Mover(tmp_path, monkeypatch)


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
