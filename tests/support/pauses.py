"""Waiting in tests: for something to be so, and in pauses that end when a test says so."""

import asyncio
import time
from collections.abc import Callable

_TURNS = 1000
_PAUSE_SECONDS = 0.002
_PATIENCE_SECONDS = 60.0


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until something is so; threads, too, which need more than turns of the loop."""
    turns, deadline = 0, time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        turns += 1
        await asyncio.sleep(0 if turns < _TURNS else _PAUSE_SECONDS)


class Pauses:
    """Waits that end when a test says so.

    Attributes:
        seconds: How long each would have taken.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._seen = 0
        self._over = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await self._over.acquire()

    async def next(self) -> None:
        """Return once the next one has begun."""
        self._seen += 1
        await until(lambda: len(self.seconds) >= self._seen)

    def end(self) -> None:
        self._over.release()
