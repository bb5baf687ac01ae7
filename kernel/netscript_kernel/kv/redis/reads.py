"""Keeps one connection for reads: made by the first who needs it, and made anew when it is lost."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.redis.connection import ReadConnection
from netscript_kernel.kv.redis.failures import STORE, ConnectionLostError, closed, failed

# How often a server that is away is tried; whoever asks in between learns at once what came of the last try.
REST_SECONDS: Final = 0.1


class Reads:
    """Reads on one connection; all who need a new one share the attempt to make it."""

    def __init__(self, dial: Callable[[], Coroutine[Any, Any, ReadConnection]]) -> None:
        """Keep in mind how a connection is made; none is made yet.

        Args:
            dial: Makes one, within a time limit, or raises ``StoreUnavailableError``.
        """
        self._dial = dial
        self._loop = asyncio.get_running_loop()
        self._connection: ReadConnection | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._problem = "it was not reached"
        self._rests_until = 0.0
        self._is_closed = False

    async def get(self, name: bytes) -> object:
        """Return what the server answers to a GET: bytes, ``None``, or what it should not have answered.

        A connection that ends before its answer does no harm to a read, which is asked once more.

        Raises:
            StoreUnavailableError: no answer, or an error.
        """
        connection = self._connection
        if connection is not None and connection.is_open:
            try:
                return await connection.get(name)
            except ConnectionLostError:
                pass
        connection = await self._connected()
        try:
            return await connection.get(name)
        except ConnectionLostError as error:
            failure = failed(error)
        raise failure

    def drop(self) -> None:
        """End a connection that is out of step, or leads to the wrong server; who waits asks on another."""
        if self._connection is not None:
            self._connection.end()

    async def aclose(self) -> None:
        """End the connection; whoever waits for it is told. Closing twice is no fault."""
        self._is_closed = True
        self._problem = closed().problem
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait([self._attempt])
        if self._connection is not None:
            self._connection.end(closed)
            await asyncio.wait([self._connection.ended])

    async def _connected(self) -> ReadConnection:
        if self._is_closed:
            raise closed()
        if self._connection is not None and self._connection.is_open:
            return self._connection
        if self._attempt is None and self._loop.time() >= self._rests_until:
            # In a context of its own: the connection serves others than the request that happened to need it.
            self._attempt = self._loop.create_task(self._connect(), context=Context())
        if self._attempt is not None:
            # Waited for in a way that neither ends it with one caller nor takes all callers along if it ends.
            await asyncio.wait([self._attempt])
        if self._connection is None:
            raise StoreUnavailableError(STORE, self._problem)
        return self._connection

    async def _connect(self) -> None:
        self._connection = None
        try:
            self._connection = await self._dial()
        except StoreUnavailableError as error:
            self._problem = error.problem
            self._rests_until = self._loop.time() + REST_SECONDS
        finally:
            self._attempt = None
