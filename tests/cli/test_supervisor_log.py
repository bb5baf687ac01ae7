"""One log: whole lines, nothing lost, colours where they are seen, and nobody held up by a slow reader."""

import asyncio
import os
import pty
import select
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_cli.supervisor import lines as lines_module
from netscript_cli.supervisor.lines import Lines
from netscript_cli.supervisor.log import Log, wants_colour
from netscript_cli.supervisor.supervisor import supervise
from tests.cli.supervised import program, transcript


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_lines_are_whole_however_they_are_cut_into_pieces(pieces: list[bytes]) -> None:
    cut = Lines()

    found = [line for piece in pieces for line in cut.feed(piece)]
    found += cut.rest()

    whole = b"".join(pieces)
    expected = whole.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert found == [line.removesuffix(b"\r") for line in expected]


def test_a_line_without_an_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST", 10)
    cut = Lines()

    found = [line for _ in range(7) for line in cut.feed(b"abcde")]

    assert found == [b"abcdeabcde"] * 3
    assert list(cut.rest()) == [b"abcde"]


async def test_each_line_has_the_name_of_its_process_in_front() -> None:
    with transcript() as shown:
        log = Log(shown.descriptor, ["web", "long-worker"])
        await log.tell("web", b"\xff is no text")
        await log.tell("long-worker", b"")
        log.say("two\nlines")
        log.show("  as it is\n")
        await log.aclose()

    assert shown.written.splitlines() == [
        b"web         | \xff is no text",
        b"long-worker | ",
        b"netscript   | two",
        b"netscript   | lines",
        b"  as it is",
    ]


async def test_names_have_colours_where_they_are_wanted() -> None:
    with transcript() as shown:
        log = Log(shown.descriptor, ["web"], is_coloured=True)
        await log.tell("web", b"hello")
        await log.aclose()

    assert shown.text == "\x1b[36mweb      \x1b[0m | hello\n"


@pytest.mark.parametrize(
    ("is_coloured", "written"),
    [
        (True, b"web       | \x1b[1;31m \tred\x1b[0m\n"),
        (False, b"web       |  \tred\n"),
    ],
)
async def test_colours_of_a_line_are_passed_on_where_there_are_some_and_end_with_it(
    is_coloured: bool, written: bytes
) -> None:
    with transcript() as shown:
        log = Log(shown.descriptor, ["web"], is_coloured=is_coloured)
        await log.tell("web", b"\x1b[1;31m \tred")
        await log.aclose()

    assert shown.written.replace(b"\x1b[36mweb      \x1b[0m", b"web      ") == written


async def test_what_would_move_something_on_a_terminal_is_told_as_text_in_the_log() -> None:
    title, back = b"\x1b]0;mine\x07\x1b[2J\x1b[1A\rweb is ready", "\x9b2J\u202eevil\u2028".encode()
    with transcript() as shown:
        log = Log(shown.descriptor, ["web"], is_coloured=True)
        await log.tell("web", title)
        await log.tell("web", back)
        await log.tell("web", b"\x9b2J caf\xc3\xa9")
        await log.aclose()

    assert [line.partition(b"| ")[2].decode() for line in shown.written.splitlines()] == [
        r"\x1b]0;mine\x07\x1b[2J\x1b[1A\x0dweb is ready",
        r"\x9b2J\u202eevil\u2028",
        r"\x9b2J café",
    ]


async def test_without_names_lines_are_passed_on_as_they_are() -> None:
    with transcript() as shown:
        log = Log(shown.descriptor)
        await log.tell("web", b"hello")
        await log.aclose()

    assert shown.text == "hello\n"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"TERM": "xterm"}, True),
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_gets_colours_unless_somebody_says_no(environment: dict[str, str], wanted: bool) -> None:
    ours, terminal = pty.openpty()
    try:
        assert wants_colour(terminal, environment) is wanted
    finally:
        os.close(ours)
        os.close(terminal)


def test_a_pipe_gets_no_colours() -> None:
    readable, writable = os.pipe()
    try:
        assert not wants_colour(writable, {"TERM": "xterm"})
    finally:
        os.close(readable)
        os.close(writable)


async def test_nothing_is_lost_of_many_who_write_much_at_once() -> None:
    source = "import sys\nfor n in range(5000): print(sys.argv[1], n, 'x' * 60)\nsys.exit(2)"
    names = ("one", "two", "three")
    with transcript() as shown:
        log = Log(shown.descriptor, names)

        await supervise([program(name, source, name) for name in names], log, lambda: "")

    # The first one to end ends the others, which may be in the midst of their last line.
    counts: dict[str, int] = {}
    for name in names:
        lines = [line.split(" | ")[1] for line in shown.lines if line.startswith(f"{name} ")]
        whole = [f"{name} {number} {'x' * 60}" for number in range(len(lines))]
        assert lines[:-1] == whole[:-1]
        assert all(wanted.startswith(line) for line, wanted in zip(lines, whole, strict=True))
        counts[name] = sum(line == wanted for line, wanted in zip(lines, whole, strict=True))
    assert 5000 in counts.values()


async def _is_full(pipe: int) -> None:
    """Return as soon as whoever writes into a pipe has to wait for its reader."""
    async with asyncio.timeout(30):
        while select.select([], [pipe], [], 0)[1]:  # noqa: ASYNC110 - a pipe has no event for that
            await asyncio.sleep(0.01)


async def test_a_reader_who_hangs_holds_up_neither_a_stop_nor_its_end() -> None:
    readable, writable = os.pipe()
    source = "import sys\nwhile True: print('x' * 1000)"
    log = Log(writable, ["chatty"])
    run = asyncio.create_task(supervise([program("chatty", source)], log, lambda: ""))

    try:
        await _is_full(writable)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            code = await run
    finally:
        os.close(readable)
        os.close(writable)

    assert code == 0


async def test_long_lines_wait_for_a_reader_who_hangs_before_they_fill_memory() -> None:
    readable, writable = os.pipe()
    log = Log(writable, ["chatty"])
    taken = 0

    async def tell_without_end() -> None:
        nonlocal taken
        while taken < 100:
            taken += 1
            await log.tell("chatty", b"x" * 1024 * 1024)

    telling = asyncio.create_task(tell_without_end())
    await _is_full(writable)
    for _ in range(1000):  # as often as it may go on
        await asyncio.sleep(0)
    is_done = telling.done()
    telling.cancel()
    await log.aclose()
    os.close(readable)
    os.close(writable)

    assert not is_done
    assert taken <= 3


async def test_when_nobody_reads_any_more_everything_ends() -> None:
    readable, writable = os.pipe()
    os.close(readable)
    try:
        async with asyncio.timeout(30):
            code = await supervise(
                [program("chatty", "import signal; print('on', flush=True); signal.pause()")],
                Log(writable, ["chatty"]),
                lambda: "",
            )
    finally:
        os.close(writable)

    assert code == 0
