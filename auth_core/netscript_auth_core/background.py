"""Work that outlives the request which asked for it, and is waited for when the backend closes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Generic, TypeVar

from netscript_kernel.errors import NetScriptError

_log = logging.getLogger("netscript.auth")

T = TypeVar("T")


class Background:
    """Tasks that nobody awaits: their failures are logged, and :meth:`drain` waits for them.

    Args:
        most: With so many under way, work that may be left out is, so that a store that hangs cannot pile
            it up. Work that somebody relies on is never refused.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start work now. Whoever wants its result awaits the task, shielded."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def offer(self, work: Callable[[], Coroutine[Any, Any, object]]) -> bool:
        """Start work that may be left out, unless too much is under way; says whether it was started."""
        if len(self._tasks) >= self._most:
            return False
        self.start(work())
        return True

    async def drain(self, limit: timedelta = timedelta(seconds=10)) -> None:
        """Wait for everything under way and what it starts meanwhile, then give up on what hangs."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit.total_seconds()
        while self._tasks:
            _, hanging = await asyncio.wait(self._tasks, timeout=max(0.0, deadline - loop.time()))
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, NetScriptError):
            _log.debug(
                "background work failed: %s", type(error).__name__
            )  # told by whoever knows what it means
        elif error is not None:
            _log.error("background work failed unforeseen", exc_info=error)


class SingleFlight(Generic[T]):
    """Callers who want the same thing at the same time share one attempt at it.

    A caller who goes away does not end the attempt for the others.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._flights: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the attempt under way returns, or begin one."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._background.start(work())
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)


async def finish(
    background: Background, work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[None]]
) -> T:
    """Do work that is either done or not done, even if its caller goes away in the middle.

    Args:
        background: Holds the work.
        work: What is done as a whole or not at all.
        undo: Takes the result back when the caller went away and so nobody got it.
    """
    task = background.start(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        background.start(_take_back(task, undo))
        raise


async def _take_back(task: asyncio.Task[T], undo: Callable[[T], Awaitable[None]]) -> None:
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        await undo(task.result())
