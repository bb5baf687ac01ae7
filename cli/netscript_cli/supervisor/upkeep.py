"""Keeps one program running: starts it when what it waits for is ready, and again when it dies."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from netscript_cli.supervisor.child import Child
from netscript_cli.supervisor.log import Log
from netscript_cli.supervisor.programs import Program
from netscript_cli.supervisor.readiness import why_not_ready
from netscript_cli.supervisor.restarts import MOST_DEATHS, WITHIN, Restarts
from netscript_cli.supervisor.strays import Strays
from netscript_kernel.clock import Clock

FAILED: Final = 1
CONFIGURED_WRONGLY: Final = 2

Pause: TypeAlias = Callable[[float], Awaitable[None]]


class GaveUpError(Exception):
    """A program cannot be kept running. Says why, with the last lines that it wrote.

    Attributes:
        code: The exit code that follows from it.
    """

    def __init__(self, name: str, problem: str, last_lines: Iterable[str], code: int) -> None:
        self.name, self.problem, self.code = name, problem, code
        lines = "".join(f"\n  | {line}" for line in last_lines)
        words = f" Its last lines:{lines}" if lines else " It wrote nothing."
        super().__init__(f"{name} {problem}.{words}")


@dataclass(frozen=True, slots=True)
class _Trouble:
    """How a run went wrong, in words, and the exit code that it had or stands for."""

    problem: str
    code: int


class Upkeep:
    """One program, over all of its runs.

    Attributes:
        program: Which.
        ready: Set when it was ready for the first time.
        gone: Set when it was stopped for good.
    """

    def __init__(self, program: Program, log: Log, strays: Strays, clock: Clock, pause: Pause) -> None:
        self.program = program
        self.ready = asyncio.Event()
        self.gone = asyncio.Event()
        self._log = log
        self._strays = strays
        self._pause = pause
        self._restarts = Restarts(clock)
        self._start: asyncio.Task[Child] | None = None

    async def keep(self, awaited: Iterable["Upkeep"]) -> NoReturn:
        """Keep it running until this is cancelled; it runs on then, until :meth:`stop`.

        Args:
            awaited: Have to be ready before its first start.

        Raises:
            GaveUpError: it did not get ready, or died too often.
        """
        for each in awaited:
            await each.ready.wait()
        while True:
            child = await self._started()
            trouble = await self._run(child)
            if trouble.code == CONFIGURED_WRONGLY:
                problem = f"{trouble.problem}, which means that it is configured wrongly"
                raise GaveUpError(self.program.name, problem, child.last_lines, CONFIGURED_WRONGLY)
            await self._wait_before_next_start(child, trouble)

    async def stop(self, dependents: Iterable["Upkeep"]) -> None:
        """End it when those that need it are gone; nothing of it is left then."""
        for each in dependents:
            await each.gone.wait()
        with suppress(OSError):
            if self._start is not None:
                child = await self._start
                await child.stop()
        self.gone.set()

    def kill(self) -> None:
        """Have it ended by force at once."""
        if self._start is not None:
            self._start.add_done_callback(_kill)

    async def _started(self) -> Child:
        """Start it in a task that nobody cancels, so that each process that there is can be stopped."""
        self._start = asyncio.create_task(self._begin(is_again=self._start is not None))
        try:
            return await asyncio.shield(self._start)
        except OSError as error:
            problem = f"cannot be started: {error.strerror}: {error.filename}"
            raise GaveUpError(self.program.name, problem, (), FAILED) from None

    async def _begin(self, *, is_again: bool) -> Child:
        """Start it; again, only once nothing of a run whose guard was killed holds what this one needs."""
        async with self._strays.starting:
            if is_again:
                await self._strays.end()
            child = await Child.start(self.program, self._log)
            self._strays.spare(child)
        return child

    async def _run(self, child: Child) -> _Trouble:
        """Let it run to its end, and return how that was.

        Raises:
            GaveUpError: it ended before it was ever ready.
        """
        trouble = await self._trouble_before_ready(child)
        if trouble is None:
            self._log.say(f"{self.program.name} is ready{' again' if self.ready.is_set() else ''}")
            self.ready.set()
            code = await child.wait()
            return _Trouble(_how_it_ended(code), code)
        if not self.ready.is_set():
            code = trouble.code if trouble.code > 0 else FAILED
            raise GaveUpError(self.program.name, trouble.problem, child.last_lines, code)
        await child.stop()
        return trouble

    async def _trouble_before_ready(self, child: Child) -> _Trouble | None:
        ready = asyncio.create_task(why_not_ready(self.program, child))
        ended = asyncio.create_task(child.wait())
        try:
            await asyncio.wait([ready, ended], return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return _Trouble(f"{_how_it_ended(ended.result())} before it was ready", ended.result())
            problem = ready.result()
            return _Trouble(problem, FAILED) if problem else None
        finally:
            ready.cancel()
            ended.cancel()

    async def _wait_before_next_start(self, child: Child, trouble: _Trouble) -> None:
        pause = self._restarts.pause_after_death()
        if pause is None:
            within = f"{MOST_DEATHS} times within {WITHIN.total_seconds():g} seconds"
            problem = f"died {within}; at last it {trouble.problem}"
            raise GaveUpError(self.program.name, problem, child.last_lines, FAILED)
        seconds = pause.total_seconds()
        self._log.say(f"{self.program.name} {trouble.problem}; starting it again in {seconds:g} s")
        await self._pause(seconds)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended by itself with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}"


def _kill(start: "asyncio.Task[Child]") -> None:
    if not start.cancelled() and start.exception() is None:
        start.result().kill()
