"""Who listens: each has a short queue of its own, and whoever reads too slowly is dropped."""

import asyncio
from collections.abc import Iterator
from typing import Final

from netscript_plugin_auth.revocations.log_follower import Ended

MOST_WAITING: Final = 16
"""Pieces that wait for a reader: so many seconds at least, and far more than it may be silent for."""


class Listener:
    """One open stream.

    Attributes:
        last: The span of the last session that it has heard of before, if any.
        known: What had ended before it began; there once it has begun.
        is_over: Set when it is to end.
    """

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.known: Iterator[Ended] = iter(())
        self.is_over = asyncio.Event()
        self._begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)

    @property
    def has_begun(self) -> bool:
        """Whether it is told what ends from now on."""
        return self._begun.done()

    async def begun(self) -> None:
        """Return once it has.

        Raises:
            BackendUnavailableError: what has ended could not be found out.
        """
        await self._begun

    def begin(self, known: Iterator[Ended]) -> None:
        """Let it begin with what is known now."""
        self.known = known
        self._begun.set_result(None)

    def put(self, piece: bytes) -> None:
        """Give it the next piece; one who has not read those before is dropped, and may come again."""
        try:
            self._pieces.put_nowait(piece)
        except asyncio.QueueFull:
            self.is_over.set()

    async def next(self) -> bytes:
        """Return the next piece."""
        return await self._pieces.get()

    def end(self, error: Exception) -> None:
        """Let it end; the error is for one that has not begun."""
        self.is_over.set()
        if not self._begun.done():
            self._begun.set_exception(error)
            # Nobody may wait for it any more.
            self._begun.exception()
