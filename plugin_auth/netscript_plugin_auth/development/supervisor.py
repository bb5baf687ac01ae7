"""Runs processes side by side: ready together, ended together, nothing left behind."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import httpx

START_SECONDS = 60.0
STOP_SECONDS = 10.0

_PAUSE_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_STOPPED = 0
_FAILED = 1


@dataclass(frozen=True, slots=True)
class Program:
    """One process.

    Attributes:
        name: For messages.
        command: Program and arguments.
        environment: All of its variables.
        ready_url: Answers 200 as soon as the process is ready.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    ready_url: str


async def supervise(programs: Sequence[Program], on_ready: Callable[[], None]) -> int:
    """Run programs until a signal (SIGINT, SIGTERM) ends them, or until one of them ends by itself.

    Args:
        programs: Started together.
        on_ready: Called once, when all of them answer.

    Returns:
        0 after a signal; else the exit code of the one that ended, or 1 where that was 0 or nobody got ready.
    """
    with _stop_asked_for() as asked:
        async with _running(programs) as children:
            ended = [asyncio.create_task(child.wait()) for child in children]
            try:
                return await _watch(programs, ended, asked, on_ready)
            finally:
                for task in ended:
                    task.cancel()


async def _watch(
    programs: Sequence[Program],
    ended: Sequence["asyncio.Task[int]"],
    asked: asyncio.Event,
    on_ready: Callable[[], None],
) -> int:
    stop, ready = asyncio.create_task(asked.wait()), asyncio.create_task(_all_ready(programs))
    try:
        await asyncio.wait([stop, ready, *ended], return_when=asyncio.FIRST_COMPLETED)
        if ready.done() and not asked.is_set() and not any(task.done() for task in ended):
            ready.result()
            on_ready()
        await asyncio.wait([stop, *ended], return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        return _tell(f"not ready after {START_SECONDS:.0f} seconds", _FAILED)
    finally:
        stop.cancel()
        ready.cancel()
    return _STOPPED if asked.is_set() else _verdict(programs, ended)


def _verdict(programs: Sequence[Program], ended: Sequence["asyncio.Task[int]"]) -> int:
    for program, task in zip(programs, ended, strict=True):
        if task.done():
            code = task.result()
            return _tell(f"{program.name} ended by itself with exit code {code}", code or _FAILED)
    return _FAILED


def _tell(problem: str, code: int) -> int:
    sys.stderr.write(f"netscript: {problem}; the reason stands above\n")
    return code if code > 0 else _FAILED


@asynccontextmanager
async def _running(programs: Sequence[Program]) -> AsyncGenerator[list[asyncio.subprocess.Process]]:
    children: list[asyncio.subprocess.Process] = []
    try:
        for program in programs:
            children.append(await _start(program))  # noqa: PERF401  # those started are ended if the next fails
        yield children
    finally:
        await _end(children)


async def _start(program: Program) -> asyncio.subprocess.Process:
    """Start it in a session of its own: Ctrl-C in a terminal reaches us alone, and we pass it on once."""
    return await asyncio.create_subprocess_exec(
        *program.command,
        env=dict(program.environment),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(_end_with, os.getpid()) if sys.platform == "linux" else None,
    )


def _end_with(parent: int) -> None:
    """Have the kernel end this process when its parent is gone, however that ended (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(_FAILED)


async def _end(children: Sequence[asyncio.subprocess.Process]) -> None:
    """Ask all to stop, wait, then end whatever is left of them by force."""
    for child in children:
        _signal_group(child, signal.SIGTERM)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(child.wait() for child in children)), STOP_SECONDS)
    for child in children:
        _signal_group(child, signal.SIGKILL)
    await asyncio.gather(*(child.wait() for child in children))


def _signal_group(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


async def _all_ready(programs: Sequence[Program]) -> None:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client, asyncio.timeout(START_SECONDS):
        for program in programs:
            # Another process has no event to wait for.
            while not await _answers(client, program.ready_url):  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE_SECONDS)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        answer = await client.get(url)
    except httpx.HTTPError:
        return False
    return answer.is_success


@contextmanager
def _stop_asked_for() -> Generator[asyncio.Event]:
    """Yield what is set when somebody asks us to stop, until the block ends."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
