"""Waiting in tests: for something to be so, and in pauses that end when a test says so."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until something is so; nothing here waits for time to pass."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


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
