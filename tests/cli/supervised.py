"""Programs for the supervisor, small ones, and what it wrote of them."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from netscript_cli.supervisor.log import Log
from netscript_cli.supervisor.programs import Program
from netscript_cli.supervisor.supervisor import supervise
from netscript_kernel.clock import Clock
from tests.support.pauses import Pauses
from tests.support.ports import unused_port

SERVER = """
import http.server, os, pathlib, signal, sys
folder, name, port = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def note(what):
    with (folder / "order").open("a") as order:
        order.write(f"{what} {name}\\n")
def stop(*_):
    note("stop")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): ...
server = http.server.HTTPServer(("127.0.0.1", port), Quiet)
note("start")
(folder / name).write_text(str(os.getpid()))
server.serve_forever()
"""
STUBBORN = SERVER.replace("signal.SIGTERM, stop", "signal.SIGTERM, signal.SIG_IGN")


def program(
    name: str, source: str, *arguments: str, after: Sequence[str] = (), url: str | None = None
) -> Program:
    """Return a program of Python."""
    command = (sys.executable, "-I", "-S", "-c", source, *arguments)
    return Program(name, command, dict(os.environ), url, tuple(after))


def server(name: str, folder: Path, source: str = SERVER, *, after: Sequence[str] = ()) -> Program:
    """Return a server that notes in a folder when it starts and stops, and its process."""
    port = unused_port()
    return program(name, source, str(folder), name, str(port), after=after, url=f"http://127.0.0.1:{port}/")


def order_of(folder: Path) -> list[str]:
    """Return what the servers noted."""
    return (folder / "order").read_text().splitlines()


def process_of(folder: Path, name: str) -> int:
    """Return the process of a server."""
    return int((folder / name).read_text())


def state_of(process: int) -> str:
    """Return the state of a process, one letter (proc_pid_stat(5))."""
    return _stat(process)[0]


def parent_of(process: int) -> int:
    """Return the parent of a process."""
    return int(_stat(process)[1])


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def is_alive(process: int) -> bool:
    """Whether there is such a process, that has not ended."""
    try:
        state = state_of(process)
        threads = list(Path(f"/proc/{process}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" or len(threads) > 1


@dataclass
class Transcript:
    """What came out of a log, read as it comes.

    Attributes:
        descriptor: Where to write.
        pieces: As they came.
    """

    descriptor: int
    pieces: list[bytes] = field(default_factory=list[bytes])

    @property
    def written(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def text(self) -> str:
        return self.written.decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    async def shows(self, words: str) -> None:
        """Return as soon as words stand in it."""
        async with asyncio.timeout(30):
            while words not in self.text:  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.01)


@contextmanager
def transcript() -> Generator[Transcript]:
    """Read what is written to a pipe while the block lasts."""
    readable, writable = os.pipe()
    told = Transcript(writable)

    def read() -> None:
        while piece := os.read(readable, 65536):
            told.pieces.append(piece)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield told
    finally:
        os.close(writable)
        reader.join(10)
        os.close(readable)


class Supervised:
    """A supervisor at work in this process.

    Attributes:
        shown: What it writes.
        pauses: Those before it starts something again.
    """

    def __init__(self, shown: Transcript) -> None:
        self.shown = shown
        self.pauses = Pauses()

    async def run(
        self,
        programs: Sequence[Program],
        when_ready: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> int:
        """Supervise, and return the exit code."""

        def announcement() -> str:
            when_ready()
            return "all are ready\n"

        log = Log(self.shown.descriptor, [each.name for each in programs])
        return await supervise(programs, log, announcement, clock=clock, pause=self.pauses)
