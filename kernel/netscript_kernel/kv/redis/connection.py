"""One connection for the reads of a whole event loop: what is asked in one of its turns is sent together.

The server answers in the order of the questions, and nothing but that order says which answer is whose. So
a caller who goes away leaves its place in the row, and a connection that is out of order in any way is ended.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, cast

import hiredis

from netscript_kernel.kv.redis.failures import ConnectionLostError, failed, out_of_step, silent

_MORE: Final = object()
_LOOKS_PER_LIMIT: Final = 4


class ReadConnection(asyncio.Protocol):
    """Asks, and hands each answer to the one who waits for it.

    No question costs a task or a timer of its own. One timer looks, four times within the limit, whether what
    was asked a whole limit ago has been answered: an answer is given up after one limit at the soonest, and a
    quarter more at the latest.
    """

    def __init__(self, limit: timedelta) -> None:
        """Make a connection that the event loop has yet to connect.

        Args:
            limit: How long an answer may take.
        """
        self._loop = asyncio.get_running_loop()
        self._limit = limit.total_seconds()
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._unsent: list[bytes] = []
        self._asked = 0
        self._asked_at_looks: deque[int] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_open(self) -> bool:
        """Whether it takes questions."""
        return self._transport is not None

    def get(self, name: bytes) -> asyncio.Future[Any]:
        """Ask for a value; the future has bytes, or ``None`` where there is none."""
        return self._ask(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(name), name))

    def call(self, *command: bytes) -> asyncio.Future[Any]:
        """Ask anything. The future has what the server answered.

        The future raises ``ConnectionLostError`` where the connection ended first, ``StoreUnavailableError``
        for an error reply, an answer that takes too long, and one that nobody asked for.
        """
        parts = b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in command)
        return self._ask(b"*%d\r\n" % len(command) + parts)

    def end(self, why: Callable[[], Exception] = ConnectionLostError) -> None:
        """End the connection now.

        Args:
            why: Makes what each of those who wait is told.
        """
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()
        if self._watch is not None:
            self._watch.cancel()
        waiting, self._waiting = self._waiting, deque()
        self._unsent.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(why())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take questions from here on."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand out all answers that are complete."""
        # In one piece, since it is what a read costs most: a call for each answer would be a tenth of it.
        waiting, answer_of = self._waiting, self._reader.gets
        try:
            self._reader.feed(data)
            while (answer := answer_of()) is not _MORE:
                if type(answer) is hiredis.PushNotification:
                    continue
                if not waiting:
                    self.end(out_of_step)
                    return
                future = waiting.popleft()
                if future.done():
                    continue  # its caller has gone
                if isinstance(answer, hiredis.ReplyError):
                    future.set_exception(failed(answer))
                else:
                    future.set_result(answer)
        except hiredis.HiredisError:
            self.end(out_of_step)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell everybody who waits."""
        self.end()
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self, command: bytes) -> asyncio.Future[Any]:
        future = self._loop.create_future()
        if self._transport is None:
            future.set_exception(ConnectionLostError())
            return future
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(command)
        self._waiting.append(future)
        self._asked += 1
        if self._watch is None:
            self._watch = self._loop.call_later(self._limit / _LOOKS_PER_LIMIT, self._look)
        return future

    def _send(self) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    def _look(self) -> None:
        answered = self._asked - len(self._waiting)
        looks = self._asked_at_looks
        if len(looks) == _LOOKS_PER_LIMIT and answered < looks.popleft():
            self.end(lambda: silent(self._limit))
            return
        if not self._waiting:
            looks.clear()
            self._watch = None
            return
        looks.append(self._asked)
        self._watch = self._loop.call_later(self._limit / _LOOKS_PER_LIMIT, self._look)
