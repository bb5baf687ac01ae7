"""Follows the log for all who listen in this process, and tells them what ends."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock
from netscript_kernel.contracts import UNAVAILABLE
from netscript_kernel.errors import NetScriptError
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.revocations.event_stream import ALIVE, encode
from netscript_plugin_auth.revocations.listeners import Listener
from netscript_plugin_auth.revocations.log_follower import LogFollower

EVERY: Final = timedelta(seconds=0.3)
"""How long to wait between two readings of the log."""

ALIVE_EVERY: Final = timedelta(seconds=0.5)
"""How often at least listeners hear that nothing ended, while that is known."""

MOST_LISTENERS: Final = 256
"""Streams that one process keeps open."""

_log = logging.getLogger("netscript.auth.revocations")

Pause = Callable[[float], Awaitable[None]]


class RevocationWatch:
    """Reads while somebody listens. Where it cannot, every stream ends: silence means blindness.

    Args:
        log: What is read.
        clock: Says when listeners have to hear something.
        backend: Named where it is said that nothing could be found out.
        pause: Waits for some seconds; given by tests.
        count: Is told how many listen.
    """

    def __init__(
        self,
        log: LogFollower,
        clock: Clock,
        backend: str,
        *,
        pause: Pause = asyncio.sleep,
        count: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._backend = backend
        self._pause = pause
        self._count = count
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._alive_at = 0.0
        self._is_blind = self._is_closed = False

    def join(self, last: int | None) -> Listener:
        """Let one more listen; whoever joins leaves again.

        Args:
            last: See :class:`Listener`.

        Raises:
            ProblemError: 503: the service stops, or too many listen already.
        """
        if self._is_closed:
            raise ProblemError(UNAVAILABLE, detail="The service is stopping", headers={"Retry-After": "1"})
        if len(self._listeners) >= MOST_LISTENERS:
            detail = f"{MOST_LISTENERS} listen to this process already"
            raise ProblemError(UNAVAILABLE, detail=detail, headers={"Retry-After": "5"})
        listener = Listener(last)
        self._listeners.add(listener)
        self._count(len(self._listeners))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        return listener

    def leave(self, listener: Listener) -> None:
        """Let one go."""
        self._listeners.discard(listener)
        self._count(len(self._listeners))

    @asynccontextmanager
    async def ending(self, draining: Callable[[], Awaitable[None]]) -> AsyncGenerator[None]:
        """While the block lasts, listeners may be there: until the service begins to stop."""
        task = asyncio.create_task(self._close_when(draining))
        try:
            yield
        finally:
            self._close()
            await _cancelled(task)
            if self._task is not None:
                await _cancelled(self._task)

    async def _close_when(self, draining: Callable[[], Awaitable[None]]) -> None:
        await draining()
        self._close()

    def _close(self) -> None:
        self._is_closed = True
        self._end_all("it is stopping")

    async def _follow(self) -> None:
        while self._listeners:
            await self._round()
            await self._pause(EVERY.total_seconds())

    async def _round(self) -> None:
        try:
            ended = await self._log.read()
        except NetScriptError as error:
            self._tell_of_blindness(error.reason)
            return
        except Exception:  # noqa: BLE001 - whatever it was: streams end, and reading goes on
            _log.exception("the log of ended sessions could not be read")
            self._tell_of_blindness("unforeseen")
            return
        if self._is_blind:
            self._is_blind = False
            _log.info("the log of ended sessions is read again")
        now = self._clock.unix()
        piece = b"".join(map(encode, ended))
        # A clock that was set back is no reason to be silent.
        if not 0 <= now - self._alive_at < ALIVE_EVERY.total_seconds():
            self._alive_at = now
            piece += ALIVE
        for listener in self._listeners:
            if not listener.has_begun:
                listener.begin(self._log.since(listener.last))
            elif piece:
                listener.put(piece)

    def _tell_of_blindness(self, why: str) -> None:
        if not self._is_blind:
            _log.warning("the log of ended sessions cannot be read, and who listens is let go: %s", why)
        self._is_blind = True
        self._end_all("the log of ended sessions cannot be read")

    def _end_all(self, problem: str) -> None:
        for listener in self._listeners:
            listener.end(BackendUnavailableError(self._backend, problem, timedelta(seconds=1)))


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
