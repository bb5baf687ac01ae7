"""One run of a program: it is started behind a guard, its output is read, it is stopped."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

from netscript_cli.supervisor import guard
from netscript_cli.supervisor.lines import Lines
from netscript_cli.supervisor.log import Log
from netscript_cli.supervisor.programs import Program

LAST_LINES: Final = 20
STOP_SECONDS: float = 10.0
"""How long a process may take to stop before it is ended by force."""

_GUARDS_OWN_SECONDS: Final = 10.0
_PIECE: Final = 64 * 1024


class Child:
    """A process that runs, with its guard and everything below it; made by :meth:`start`.

    Attributes:
        started: Set when it has begun its work, where it tells that.
        last_lines: The end of what it wrote.
    """

    def __init__(self, program: Program, process: Process, log: Log, started: int | None) -> None:
        self.started = asyncio.Event()
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._program = program
        self._process = process
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
            process = await asyncio.create_subprocess_exec(
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
        return cls(program, process, log, told)

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

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

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
        assert self._process.stdout is not None  # noqa: S101
        lines = Lines()
        while piece := await self._process.stdout.read(_PIECE):
            for line in lines.feed(piece):
                await self._tell(line)
        for line in lines.rest():
            await self._tell(line)
        code = await self._process.wait()
        if code < 0:
            # Perhaps the guard itself was killed: then what it guarded is left in its group.
            self._kill_group()
        self._forget_started()
        return code

    async def _tell(self, line: bytes) -> None:
        self.last_lines.append(line.decode(errors="replace"))
        await self._log.tell(self._program.name, line)


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
