"""The life of a service: opened once, drained, closed; and which requests are in flight."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from time import monotonic
from typing import Literal, TypeAlias

_log = logging.getLogger("netscript.service")

Lifespan: TypeAlias = Callable[[], AbstractAsyncContextManager[None]]
State: TypeAlias = Literal["new", "open", "draining", "closed"]


class Lifecycle:
    """Opens the parts of a service in order, and closes them in reverse when nothing is in flight any more.

    Attributes:
        state: Where in its life the service is; one without parts is open from the beginning.
        is_serving: Whether requests find their parts open.
        in_flight: Requests that are being answered. Counted by the service, on both chains.
    """

    def __init__(self, parts: Sequence[Lifespan], drain_limit: timedelta) -> None:
        self.state: State = "new" if parts else "open"
        self.is_serving = not parts
        self.in_flight = 0
        self._parts = tuple(parts)
        self._limit = drain_limit.total_seconds()
        self._was_opened = False
        self._deadline = 0.0
        self._stack = AsyncExitStack()
        self._draining = asyncio.Event()
        self._idle = asyncio.Event()

    async def open(self) -> None:
        """Open every part; where one fails, those before it are closed again and the error goes on.

        Raises:
            RuntimeError: the service was opened before.
        """
        if self._was_opened:
            raise RuntimeError("a service starts once; create another one")
        self._was_opened = True
        async with AsyncExitStack() as stack:
            for part in self._parts:
                await stack.enter_async_context(part())
            self._stack = stack.pop_all()
        self._enter("open")

    async def drain(self) -> None:
        """Wait for the requests in flight, but no longer than the limit from the first call on."""
        if self.state == "closed":
            return
        if self.state != "draining":
            self._enter("draining")
            self._draining.set()
            self._deadline = monotonic() + self._limit
        if self.in_flight == 0:
            return
        self._idle.clear()
        try:
            await asyncio.wait_for(self._idle.wait(), max(0.0, self._deadline - monotonic()))
        except TimeoutError:
            _log.warning("stopped before all was answered", extra={"in_flight": self.in_flight})

    async def close(self) -> None:
        """Close the parts, the last one first."""
        self._enter("closed")
        await self._stack.aclose()

    async def draining(self) -> None:
        """Return when the service begins to stop: for streams, which would never end by themselves."""
        await self._draining.wait()

    def nothing_in_flight(self) -> None:
        """Take note of it, where a drain waits for it."""
        self._idle.set()

    def _enter(self, state: State) -> None:
        self.state = state
        self.is_serving = state in {"open", "draining"}
