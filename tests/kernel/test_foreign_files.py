"""Files that somebody else may have made: what is no regular file, or too large, is refused at once."""

import os
from pathlib import Path, PurePosixPath

import pytest

from netscript_kernel.foreign_files import read_foreign
from netscript_kernel.plugins.registries.scanning import scan_folder


def test_a_file_and_a_link_to_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "link").symlink_to("file")

    assert read_foreign(tmp_path / "file", 5) == read_foreign(tmp_path / "link", 5) == b"words"


def test_what_is_larger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"words")

    with pytest.raises(OSError, match="it is larger than 4 bytes"):
        read_foreign(tmp_path / "file", 4)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        file.mkdir()

    with pytest.raises(OSError, match=r"it is no regular file|Is a directory"):
        read_foreign(file)


def test_a_pipe_that_took_the_place_of_a_file_meanwhile_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular, pipe = tmp_path / "regular", tmp_path / "pipe"
    regular.write_bytes(b"")
    os.mkfifo(pipe)
    before = regular.stat()

    def stat(_: Path) -> os.stat_result:
        return before

    monkeypatch.setattr(Path, "stat", stat)

    with pytest.raises(OSError, match="it is no regular file"):
        read_foreign(pipe)


def test_a_pipe_among_contributions_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    os.mkfifo(tmp_path / "jobs/one.py")

    scan = scan_folder(tmp_path, PurePosixPath("jobs"))

    assert [(fault.code, fault.problem) for fault in scan.faults] == [
        ("PLG_CONTRIBUTION_UNREADABLE", "cannot be read: it is no regular file")
    ]
