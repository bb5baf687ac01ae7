"""Processes side by side: in order, again when they die, ended in reverse order, nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_cli.supervisor import child, readiness
from netscript_cli.supervisor.programs import Program
from netscript_cli.supervisor.restarts import Restarts
from netscript_kernel.clock import SettableClock
from tests.cli.supervised import (
    SERVER,
    STUBBORN,
    Supervised,
    is_alive,
    order_of,
    parent_of,
    process_of,
    program,
    server,
    state_of,
    transcript,
)
from tests.support.ports import unused_port


def stop_us(number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


class Stranger:
    """Answers on a port of somebody else, and ends the time to start once its last answer has been seen.

    Args:
        answers: Statuses, in order. Who asks once more has made of the last one what there is to make of it.
    """

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self._limit = asyncio.timeout(None)

    def time_to_start(self) -> asyncio.Timeout:
        """Return the limit that this one ends."""
        return self._limit

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what is asked, or nothing more."""
        await reader.readuntil(b"\r\n\r\n")
        if self._answers:
            writer.write(f"HTTP/1.1 {self._answers.pop(0)}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        else:
            self._limit.reschedule(asyncio.get_running_loop().time())
        writer.close()


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    with transcript() as shown:
        yield Supervised(shown)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_all_of_them_and_is_no_failure(
    supervised: Supervised, tmp_path: Path, number: signal.Signals
) -> None:
    code = await supervised.run([server("one", tmp_path), server("two", tmp_path)], lambda: stop_us(number))

    assert code == 0
    assert [is_alive(process_of(tmp_path, name)) for name in ("one", "two")] == [False, False]


async def test_each_starts_after_those_that_it_waits_for_and_ends_before_them(
    supervised: Supervised, tmp_path: Path
) -> None:
    programs = [
        server("web", tmp_path, after=["store", "queue"]),
        server("queue", tmp_path, after=["store"]),
        server("store", tmp_path),
    ]

    await supervised.run(programs, stop_us)

    assert order_of(tmp_path) == [
        *("start store", "start queue", "start web"),
        *("stop web", "stop queue", "stop store"),
    ]


async def test_one_that_waits_for_nobody_starts_beside_one_that_takes_its_time(
    supervised: Supervised, tmp_path: Path
) -> None:
    never = program("never", "import signal; signal.pause()", url=f"http://127.0.0.1:{unused_port()}/")
    run = asyncio.create_task(supervised.run([never, server("quick", tmp_path)]))

    await supervised.shown.shows("quick is ready")

    stop_us()
    assert await run == 0


async def test_one_that_dies_is_started_again_and_those_that_need_it_stay(
    supervised: Supervised, tmp_path: Path
) -> None:
    programs = [server("store", tmp_path), server("web", tmp_path, after=["store"])]
    run = asyncio.create_task(supervised.run(programs))
    await supervised.shown.shows("all are ready")
    store, web = process_of(tmp_path, "store"), process_of(tmp_path, "web")

    os.kill(store, signal.SIGKILL)
    await supervised.shown.shows("store was ended by SIGKILL; starting it again in 0.5 s")
    supervised.pauses.end()
    await supervised.shown.shows("store is ready again")

    assert process_of(tmp_path, "store") != store
    assert is_alive(web)
    stop_us()
    assert await run == 0


async def test_one_that_dies_too_often_ends_all_with_1_and_says_why(
    supervised: Supervised, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(4):
        supervised.pauses.end()

    code = await supervised.run(
        [program("mayfly", "print('alas'); raise SystemExit(3)"), server("other", tmp_path)],
        clock=SettableClock(),
    )

    assert code == 1
    assert supervised.pauses.seconds == [0.5, 1, 2, 4]
    told = capsys.readouterr().err
    assert "mayfly died 5 times within 60 seconds; at last it ended by itself with exit code 3" in told
    assert "\n  | alas" in told


def test_deaths_that_are_far_apart_do_not_add_up() -> None:
    clock = SettableClock()
    restarts = Restarts(clock)

    pauses: list[timedelta | None] = []
    for _ in range(50):
        clock.advance(timedelta(seconds=61))
        pauses.append(restarts.pause_after_death())

    assert set(pauses) == {timedelta(seconds=0.5)}


@pytest.mark.parametrize(("code", "told"), [(2, 2), (7, 7), (0, 1)])
async def test_when_one_ends_before_it_was_ready_its_exit_code_is_ours_and_its_last_lines_are_told(
    supervised: Supervised, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int, told: int
) -> None:
    url = f"http://127.0.0.1:{unused_port()}/"
    failing = program(
        "failing", f"print('no \\x1b[2J such\\x1b[31m table'); raise SystemExit({code})", url=url
    )

    result = await supervised.run([failing, server("other", tmp_path)], lambda: pytest.fail("never ready"))

    error = capsys.readouterr().err
    assert result == told
    assert f"failing ended by itself with exit code {code} before it was ready" in error
    assert "\n  | no \\x1b[2J such table" in error


async def test_one_that_says_later_that_it_is_configured_wrongly_is_not_started_again(
    supervised: Supervised, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await supervised.run([program("worker", "raise SystemExit(2)")])

    assert code == 2
    assert "configured wrongly" in capsys.readouterr().err
    assert supervised.pauses.seconds == []


async def test_one_that_never_answers_ends_them_all_and_is_told_where_to_listen(
    supervised: Supervised, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(readiness, "START_SECONDS", 0.3)
    silent = program("silent", "import signal; signal.pause()", url=f"http://127.0.0.1:{unused_port()}/")

    code = await supervised.run([silent], lambda: pytest.fail("never ready"))

    assert code == 1
    told = capsys.readouterr().err
    assert "silent was not ready after 0.3 seconds" in told
    assert "Fix: listen on the port that PORT names, and answer 200 at /, or give another path in" in told


async def test_one_that_never_answers_well_ends_them_all_with_what_it_answered_last(
    supervised: Supervised, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port, answers = unused_port(), Stranger("500 Alas", "503 Busy")
    monkeypatch.setattr(readiness, "time_to_start", answers.time_to_start)
    unwell = program("unwell", "import signal; signal.pause()", url=f"http://127.0.0.1:{port}/")

    async with await asyncio.start_server(answers.answer, "127.0.0.1", port):
        code = await supervised.run([unwell], lambda: pytest.fail("never ready"))

    assert code == 1
    told = capsys.readouterr().err
    assert (
        f"unwell was not ready after 60 seconds: http://127.0.0.1:{port}/ answered 503. Fix: listen" in told
    )


async def test_one_whose_port_a_stranger_took_in_the_meantime_is_not_ready_by_the_answers_of_that(
    supervised: Supervised, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port, stranger = unused_port(), Stranger("200 OK")
    monkeypatch.setattr(readiness, "time_to_start", stranger.time_to_start)
    robbed = program("robbed", "import signal; signal.pause()", url=f"http://127.0.0.1:{port}/")

    async with await asyncio.start_server(stranger.answer, "127.0.0.1", port):
        code = await supervised.run([robbed], lambda: pytest.fail("never ready"))

    assert code == 1
    told = f"process {os.getpid()} answers at http://127.0.0.1:{port}/, and is none of it. Fix: stop that"
    assert told in capsys.readouterr().err


async def test_one_that_has_a_process_of_its_own_listen_is_ready_by_its_answers(
    supervised: Supervised, tmp_path: Path
) -> None:
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SERVER!r}, *sys.argv[1:]])"

    code = await supervised.run([server("web", tmp_path, below)], stop_us)

    assert code == 0


async def test_what_waits_for_one_that_never_gets_ready_is_never_started(
    supervised: Supervised, tmp_path: Path
) -> None:
    await supervised.run(
        [
            program("failing", "raise SystemExit(1)", url=f"http://127.0.0.1:{unused_port()}/"),
            server("web", tmp_path, after=["failing"]),
        ]
    )

    assert not (tmp_path / "order").exists()


async def test_one_that_will_not_stop_is_ended_by_force(
    supervised: Supervised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_SECONDS", 0.2)

    code = await supervised.run([server("stubborn", tmp_path, STUBBORN)], stop_us)

    assert code == 0
    assert not is_alive(process_of(tmp_path, "stubborn"))


# It starts one that hides, and takes its own guard away as soon as a file says by which signal.
TAKES_ITS_GUARD = SERVER.replace(
    'note("start")',
    """note("start")
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / "hidden").write_text(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGUSR1)
    while True: signal.pause()
signal.signal(signal.SIGUSR2, lambda *_: os.kill(os.getppid(), int((folder / "signal").read_text())))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.sigwait([signal.SIGUSR1])""",
).replace(
    "import http.server, os, pathlib, signal, sys",
    """import http.server, os, pathlib, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])""",
)


async def test_one_whose_guard_is_killed_is_started_again_and_nothing_is_left_at_the_end(
    supervised: Supervised, tmp_path: Path
) -> None:
    (tmp_path / "signal").write_text(str(int(signal.SIGKILL)))
    run = asyncio.create_task(supervised.run([server("one", tmp_path, TAKES_ITS_GUARD)]))
    await supervised.shown.shows("all are ready")
    hidden = process_of(tmp_path, "hidden")

    os.kill(process_of(tmp_path, "one"), signal.SIGUSR2)
    await supervised.shown.shows("one was ended by SIGKILL; starting it again in 0.5 s")

    stop_us()
    assert await run == 0
    assert [is_alive(process_of(tmp_path, "one")), is_alive(hidden)] == [False, False]


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that was ours before anything is supervised."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "import signal; signal.pause()"]) as process:
        yield process
        process.kill()


async def test_what_hid_behind_a_killed_guard_is_ended_before_the_next_start_and_nobody_else_is(
    supervised: Supervised, tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    (tmp_path / "signal").write_text(str(int(signal.SIGKILL)))
    looks_for_it = """hidden = folder / "hidden"
if hidden.exists():
    note("found" if pathlib.Path("/proc", hidden.read_text()).exists() else "missed")
note("start")"""
    source = TAKES_ITS_GUARD.replace('note("start")', looks_for_it, 1)
    run = asyncio.create_task(supervised.run([server("one", tmp_path, source), server("two", tmp_path)]))
    await supervised.shown.shows("all are ready")
    two = process_of(tmp_path, "two")

    os.kill(process_of(tmp_path, "one"), signal.SIGUSR2)
    supervised.pauses.end()
    await supervised.shown.shows("one is ready again")

    assert "missed one" in order_of(tmp_path)
    assert (is_alive(two), bystander.poll()) == (True, None)
    stop_us()
    assert await run == 0
    assert bystander.poll() is None


# Starts something as soon as it is told to, and says which process that is.
STARTS_LATER = """
import os, signal
input()
if (started := os.fork()) == 0:
    signal.pause()
print(started, flush=True)
signal.pause()
"""


async def test_what_was_there_before_goes_on_and_so_does_what_it_starts_meanwhile(
    supervised: Supervised, tmp_path: Path
) -> None:
    command = (sys.executable, "-I", "-S", "-c", STARTS_LATER)
    earlier = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
    assert earlier.stdin is not None
    assert earlier.stdout is not None
    run = asyncio.create_task(supervised.run([server("one", tmp_path)]))
    await supervised.shown.shows("all are ready")
    earlier.stdin.write(b"now\n")
    started = int(await earlier.stdout.readline())

    stop_us()
    await run

    left = [is_alive(each) for each in (earlier.pid, started)]
    os.killpg(earlier.pid, signal.SIGKILL)
    await earlier.communicate()
    assert left == [True, True]


async def test_one_whose_guard_is_stopped_ends_as_soon_as_it_is_asked(
    supervised: Supervised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "STOP_SECONDS", 600)
    (tmp_path / "signal").write_text(str(int(signal.SIGSTOP)))
    run = asyncio.create_task(supervised.run([server("one", tmp_path, TAKES_ITS_GUARD)]))
    await supervised.shown.shows("all are ready")
    hidden, one = process_of(tmp_path, "hidden"), process_of(tmp_path, "one")
    guard = parent_of(one)
    os.kill(one, signal.SIGUSR2)
    async with asyncio.timeout(60):
        while state_of(guard) != "T":  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.01)

    stop_us()

    async with asyncio.timeout(60):
        assert await run == 0
    assert order_of(tmp_path) == ["start one", "stop one"]
    assert not is_alive(hidden)


async def test_a_second_signal_ends_everything_at_once(supervised: Supervised, tmp_path: Path) -> None:
    programs = [server("stubborn", tmp_path, STUBBORN)]
    run = asyncio.create_task(supervised.run(programs, lambda: stop_us(signal.SIGINT)))
    await supervised.shown.shows("Ctrl-C again")

    stop_us(signal.SIGINT)

    assert await run == 0
    assert not is_alive(process_of(tmp_path, "stubborn"))


async def test_a_stop_before_anything_is_ready_leaves_nothing_running(
    supervised: Supervised, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    source = (
        "import os, pathlib, signal, sys; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"
        "print('on', flush=True); signal.pause()"
    )
    slow = program("slow", source, str(started), url=f"http://127.0.0.1:{unused_port()}/")
    run = asyncio.create_task(supervised.run([slow, server("later", tmp_path, after=["slow"])]))
    await supervised.shown.shows("slow      | on")

    stop_us()

    assert await run == 0
    assert not is_alive(int(started.read_text()))
    assert not (tmp_path / "order").exists()


async def test_a_program_that_does_not_exist_is_named_and_leaves_nothing_running(
    supervised: Supervised, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = Program("missing", (str(tmp_path / "nothing"),), {}, f"http://127.0.0.1:{unused_port()}/")

    code = await supervised.run([server("one", tmp_path), missing])

    assert code == 127
    assert f"cannot run {tmp_path / 'nothing'}: No such file or directory" in capsys.readouterr().err


async def test_a_folder_that_does_not_exist_is_told(
    supervised: Supervised, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = Program("lost", ("true",), {}, folder=tmp_path / "nowhere")

    code = await supervised.run([lost])

    assert code == 1
    assert (
        f"lost cannot be started: No such file or directory: {tmp_path / 'nowhere'}"
        in capsys.readouterr().err
    )
