"""One run of a program: it is started behind a guard, its output is read, it is stopped."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, SubprocessStreamProtocol
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from netscript_cli.supervisor import guard
from netscript_cli.supervisor.lines import Lines
from netscript_cli.supervisor.log import Log
from netscript_cli.supervisor.programs import Program
from netscript_cli.terminal import as_written

LAST_LINES: Final = 20
STOP_SECONDS: float = 10.0
"""How long a process may take to stop before it is ended by force."""

_GUARDS_OWN_SECONDS: Final = 5.0
_PIECE: Final = 64 * 1024
_REST_SECONDS: Final = 0.5
_MOST_REST: Final = 1024 * 1024
_MOST_SHOWN: Final = 4096


class _Protocol(SubprocessStreamProtocol):
    """Tells when the process ends; ``Process.wait`` may wait for whoever else holds its output, too."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        super().__init__(_PIECE, self.loop)
        self.exited: asyncio.Future[None] = self.loop.create_future()

    def process_exited(self) -> None:
        """Take note of it."""
        super().process_exited()
        self.exited.set_result(None)


class Child:
    """A process that runs, with its guard and everything below it; made by :meth:`start`.

    Attributes:
        started: Set when it has begun its work, where it tells that.
        last_lines: The end of what it wrote, without colours.
    """

    def __init__(
        self,
        program: Program,
        process: asyncio.SubprocessTransport,
        protocol: _Protocol,
        log: Log,
        started: int | None,
    ) -> None:
        self.started = asyncio.Event()
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._program = program
        self._process = process
        self._protocol = protocol
        self._rest = _MOST_REST
        self._log = log
        self._started = started
        if started is not None:
            asyncio.get_running_loop().add_reader(started, self._begun)
        self._ended = asyncio.create_task(self._run_out())

    @classmethod
    async def start(cls, program: Program, log: Log) -> "Child":
        """Start a program; whatever it starts itself ends with it.

        Raises:
            OSError: it cannot be started.
        """
        told, tells = os.pipe() if program.tells_start else (None, None)
        command = [*program.command, *(("--started-fd", str(tells)) if tells is not None else ())]
        try:
            # A session of its own: Ctrl-C in a terminal reaches us alone, and we pass it on.
            process, protocol = await asyncio.get_running_loop().subprocess_exec(
                _Protocol,
                *(sys.executable, "-I", "-S", str(Path(guard.__file__)), str(STOP_SECONDS), *command),
                env={"PYTHONUNBUFFERED": "1", **program.environment},
                cwd=program.folder,
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
                pass_fds=() if tells is None else (tells,),
                start_new_session=True,
            )
        except BaseException:
            _close(told)
            raise
        finally:
            _close(tells)
        return cls(program, process, protocol, log, told)

    @property
    def guard_id(self) -> int | None:
        """The process of its guard; ``None`` where that has ended."""
        return self._process.get_pid() if self._process.get_returncode() is None else None

    async def wait(self) -> int:
        """Wait until nothing of it is left, and return its exit code, negative for a signal."""
        return await asyncio.shield(self._ended)

    async def stop(self) -> None:
        """Ask it to stop, wait, and end it by force if it does not."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wait(), STOP_SECONDS + _GUARDS_OWN_SECONDS)
            return
        self._kill_group()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wait(), _GUARDS_OWN_SECONDS)

    def kill(self) -> None:
        """End it by force at once."""
        self._signal(signal.SIGQUIT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
            # Whoever stopped the guard itself holds up nothing by that.
            self._process.send_signal(signal.SIGCONT)

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.get_pid(), signal.SIGKILL)

    def _begun(self) -> None:
        """Take note of what the process tells when it begins its work, or of its silence when it ends."""
        assert self._started is not None  # noqa: S101
        if os.read(self._started, 1):
            self.started.set()
        self._forget_started()

    def _forget_started(self) -> None:
        if self._started is not None:
            asyncio.get_running_loop().remove_reader(self._started)
            _close(self._started)
            self._started = None

    async def _run_out(self) -> int:
        """Read until its end, and return its exit code."""
        lines = Lines()
        try:
            while piece := await self._next_piece():
                for line in lines.feed(piece):
                    await self._tell(line)
            for line in lines.rest():
                await self._tell(line)
            await self._protocol.exited
        finally:
            self._process.close()
            self._forget_started()
        code = self._process.get_returncode()
        assert code is not None  # noqa: S101 - it has exited
        return code

    async def _next_piece(self) -> bytes:
        """Return what it writes next; nothing at the end, whoever else may hold its output open then."""
        assert self._protocol.stdout is not None  # noqa: S101
        reading = asyncio.create_task(self._protocol.stdout.read(_PIECE))
        try:
            either: list[asyncio.Future[Any]] = [reading, self._protocol.exited]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._protocol.exited.done():
                self._clean_up()
                await asyncio.wait([reading], timeout=_REST_SECONDS)
                self._rest -= _PIECE
            return reading.result() if reading.done() and self._rest >= 0 else b""
        finally:
            reading.cancel()

    def _clean_up(self) -> None:
        """End what is left in its group, where perhaps the guard itself was killed."""
        if (self._process.get_returncode() or 0) < 0:
            self._kill_group()

    async def _tell(self, line: bytes) -> None:
        shown = line[:_MOST_SHOWN].decode(errors="replace")
        self.last_lines.append(as_written(shown, has_colours=False))
        await self._log.tell(self._program.name, line)


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
