"""``.env``: what is written is what counts, and a line that says nothing is told and never lost."""

import errno
import os
from pathlib import Path

import pytest

from netscript_kernel.environment_file import read_environment_file
from netscript_kernel.errors import ConfigurationError, Fault

SAYS_NOTHING = "says nothing that can be understood"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def faults_of(file: Path) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationError) as raised:
        read_environment_file(file)
    return raised.value.faults


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A = b  # why", "b"),
        ("A=b#c", "b#c"),
        ("A=", ""),
        ("A= # nothing", ""),
        ("A=$HOME ${PATH} $", "$HOME ${PATH} $"),
        ("A='$ \\n \"'", '$ \\n "'),
        ('A="one\\ntwo"', "one\ntwo"),
        ("A='one\ntwo'", "one\ntwo"),
        ("A='one\r\ntwo'\r\n", "one\ntwo"),
        ("A=first\nA=last", "last"),
        ("\ufeffA=b", "b"),
    ],
)
def test_a_value_is_taken_as_it_is_written(file: Path, line: str, value: str) -> None:
    file.write_bytes(line.encode())

    found = read_environment_file(file)

    assert found == {"A": value}


def test_the_place_of_a_service_may_be_written_there(file: Path) -> None:
    file.write_text("services__users-api.v1__http__0=http://localhost:1\n")

    assert read_environment_file(file) == {"services__users-api.v1__http__0": "http://localhost:1"}


@pytest.mark.parametrize("text", ["", "\n", " \r\n\t\n", "# NAME\n   # 'one", "\ufeff"])
def test_comments_and_empty_lines_say_nothing_and_are_no_fault(file: Path, text: str) -> None:
    file.write_bytes(text.encode())

    assert read_environment_file(file) == {}


@pytest.mark.parametrize(
    "line",
    [
        "HUSH",
        "export HUSH",
        "hushed words",
        "=hush",
        "A='hush",
        'A="hush" more',
        "'A=B'=hush",
        "A: hush",
        '"A"=hush',
        "A:=hush",
        "-A=hush",
        "1A=hush",
    ],
)
def test_a_line_that_says_nothing_is_told_by_its_number_and_never_repeated(file: Path, line: str) -> None:
    file.write_bytes(f"B='one\r\ntwo'\r\n\r\n \r\n{line}\r\n# end\r\n".encode())

    (fault,) = faults_of(file)

    assert (fault.variable, fault.problem) == (f"{file}: line 5", SAYS_NOTHING)
    assert "NAME=value" in fault.fix
    assert "hush" not in str(fault).lower().replace(str(file).lower(), "")


def test_all_lines_that_say_nothing_are_told_together(file: Path) -> None:
    file.write_text("one\nA=1\ntwo words\n\nthree\n")

    assert [fault.variable for fault in faults_of(file)] == [f"{file}: line {each}" for each in (1, 3, 5)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"A=hush\0b\n", "has a zero byte, which no variable can have"),
        (b"A=hush\xff\n", "cannot be read (it is no UTF-8 text)"),
        (b"#" * (1024 * 1024 + 1), "cannot be read (it is larger than 1048576 bytes)"),
    ],
    ids=["a zero byte", "no text", "too large"],
)
def test_a_file_that_is_none_of_variables_is_told(file: Path, text: bytes, problem: str) -> None:
    file.write_bytes(text)

    (fault,) = faults_of(file)

    assert (fault.variable, fault.problem) == (str(file), problem)


@pytest.mark.parametrize("refused", ["pathlib.Path.stat", "os.open"])
def test_a_file_of_which_nothing_can_be_found_out_is_told(
    file: Path, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    file.write_text("A=hush")
    monkeypatch.setattr(refused, refuse)

    (fault,) = faults_of(file)

    assert (fault.variable, fault.problem) == (str(file), "cannot be read (Permission denied)")


@pytest.mark.parametrize("kind", ["nothing", "folder", "device", "pipe", "link that leads nowhere"])
def test_where_there_is_no_file_there_are_no_variables(file: Path, kind: str) -> None:
    if kind == "folder":
        file.mkdir()  # of an environment of Python's, say
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind != "nothing":
        file.symlink_to("/dev/null" if kind == "device" else "nowhere")

    assert read_environment_file(file) == {}


def test_a_link_is_followed(file: Path) -> None:
    file.with_name("real").write_text("A=b")
    file.symlink_to("real")

    assert read_environment_file(file) == {"A": "b"}
