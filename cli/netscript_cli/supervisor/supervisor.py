"""Runs programs side by side until it is told to stop, or until one of them cannot be kept running."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from netscript_cli.supervisor.log import Log
from netscript_cli.supervisor.programs import Program
from netscript_cli.supervisor.stopping import Stop, stop_signals
from netscript_cli.supervisor.strays import Strays, no_strays
from netscript_cli.supervisor.upkeep import GaveUpError, Pause, Upkeep
from netscript_kernel.clock import Clock, SystemClock

STOPPED: Final = 0


async def supervise(
    programs: Sequence[Program],
    log: Log,
    announcement: Callable[[], str],
    *,
    is_alone: bool = True,
    clock: Clock | None = None,
    pause: Pause = asyncio.sleep,
) -> int:
    """Run programs until a signal (SIGINT, SIGTERM, SIGHUP) ends them; one that dies is started again.

    A second signal ends them by force. Nothing that they have started is left.

    Args:
        programs: Each starts as soon as those that it names are ready, and ends before they do.
        log: Gets all that they write; it is closed at the end.
        announcement: What is shown once, when all are ready.
        is_alone: Whether nobody else tells of the stop, as another supervisor does that runs this one.
        clock: The machine's by default.
        pause: Waits some seconds.

    Returns:
        0 after a signal. Else the exit code of the one that did not get ready, 2 for one that says that it is
        configured wrongly, 1 for one that died too often. Why is told on standard error.
    """
    time = SystemClock() if clock is None else clock
    with no_strays() as before, stop_signals() as stop:
        strays = Strays(before)
        upkeeps = {each.name: Upkeep(each, log, strays, time, pause) for each in programs}
        failure = await _kept(upkeeps, log, stop, announcement)
        if is_alone:
            log.say(_farewell(stop))
        await _end(upkeeps, log, stop)
        await log.aclose()
    if failure is None:
        return STOPPED
    sys.stderr.write(f"netscript: {failure}\n")
    return failure.code


async def _kept(
    upkeeps: dict[str, Upkeep], log: Log, stop: Stop, announcement: Callable[[], str]
) -> GaveUpError | None:
    """Keep all of them running until something ends that; return what, where it was no signal."""
    keeping = [asyncio.create_task(each.keep(_needed(each, upkeeps))) for each in upkeeps.values()]
    others: list[asyncio.Task[Any]] = [
        asyncio.create_task(stop.asked.wait()),
        asyncio.create_task(log.broken.wait()),
        asyncio.create_task(_announced(upkeeps.values(), log, announcement)),
    ]
    try:
        endings: list[asyncio.Task[Any]] = [*keeping, *others[:2]]
        await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        # Where two have failed at once, the one that comes first is the likelier reason of the other.
        return next((_failure(each) for each in keeping if each.done()), None)
    finally:
        await _cancelled([*keeping, *others])


async def _end(upkeeps: dict[str, Upkeep], log: Log, stop: Stop) -> None:
    """Stop each one after those that need it; at once, where somebody insists."""
    log.hurry()
    stopping = [asyncio.create_task(each.stop(_needing(each, upkeeps))) for each in upkeeps.values()]
    insisted = asyncio.create_task(stop.insisted.wait())
    all_stopped = asyncio.gather(*stopping)
    either: list[asyncio.Future[Any]] = [all_stopped, insisted]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if insisted.done():
        for each in upkeeps.values():
            each.kill()
    await all_stopped
    await _cancelled([insisted])


def _farewell(stop: Stop) -> str:
    return "stopping; Ctrl-C again ends everything by force" if stop.is_by_keyboard else "stopping"


async def _announced(upkeeps: Iterable[Upkeep], log: Log, announcement: Callable[[], str]) -> None:
    for each in upkeeps:
        await each.ready.wait()
    log.show(announcement())


def _needed(upkeep: Upkeep, upkeeps: dict[str, Upkeep]) -> list[Upkeep]:
    return [upkeeps[name] for name in upkeep.program.after if name in upkeeps]


def _needing(upkeep: Upkeep, upkeeps: dict[str, Upkeep]) -> list[Upkeep]:
    return [each for each in upkeeps.values() if upkeep.program.name in each.program.after]


def _failure(task: "asyncio.Task[Any]") -> GaveUpError:
    error = task.exception()
    if isinstance(error, GaveUpError):
        return error
    assert error is not None  # noqa: S101 - keeping never ends otherwise
    raise error


async def _cancelled(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    for each in tasks:
        each.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
