"""A file is the old or the new one at any moment, and keeps what is not its text."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from netscript_kernel.atomic_writing import draft_of, replace_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words"


@pytest.fixture
def umask() -> Iterator[int]:
    """What is usual, whoever runs the tests."""
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


@pytest.mark.parametrize(("mode", "seen"), [(None, 0o640), (0o600, 0o600), (0o604, 0o600)])
def test_a_new_file_has_the_mode_that_it_was_given_less_the_umask(
    file: Path, umask: int, mode: int | None, seen: int
) -> None:
    if mode is None:
        replace_file(file, b"new")
    else:
        replace_file(file, b"new", mode_of_a_new_one=mode)

    assert (file.read_bytes(), mode_of(file)) == (b"new", seen)
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_there_keeps_its_mode(file: Path) -> None:
    file.write_bytes(b"old")
    file.chmod(0o604)

    replace_file(file, b"new", mode_of_a_new_one=0o600)

    assert (file.read_bytes(), mode_of(file)) == (b"new", 0o604)


def test_a_file_of_somebody_else_stays_theirs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"old")
    owner, group = file.stat().st_uid, file.stat().st_gid
    given: list[tuple[int, ...]] = []

    def give(_: int, *whom: int) -> None:
        given.append(whom)

    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    monkeypatch.setattr(os, "fchown", give)

    replace_file(file, b"new")

    assert given == [(owner, group)]


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(file: Path) -> None:
    real = file.with_name("real")
    real.write_bytes(b"old")
    file.symlink_to("real")

    replace_file(file, b"new")

    assert (file.is_symlink(), real.read_bytes()) == (True, b"new")


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_where_writing_fails_the_file_is_as_it_was_and_nothing_is_beside_it(
    file: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(failing, full)

    with pytest.raises(OSError, match="no space left"):
        replace_file(file, b"new")

    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_a_draft_stands_beside_the_file_hidden_until_it_takes_its_place(file: Path) -> None:
    file.write_bytes(b"old")
    draft = draft_of(file, b"new")

    beside = [each.name for each in file.parent.iterdir() if each != file]
    before = file.read_bytes()
    draft.take_place()

    assert [name[:7] for name in beside] == [".words."]
    assert (before, file.read_bytes()) == (b"old", b"new")
    assert list(file.parent.iterdir()) == [file]


def test_a_draft_that_is_dropped_leaves_nothing(file: Path) -> None:
    draft = draft_of(file, b"new")

    draft.drop()
    draft.drop()

    assert list(file.parent.iterdir()) == []
