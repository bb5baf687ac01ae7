"""Reads that may take longer than the event loop can wait, in a thread of their own."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.sqlite.failures import STORE, closed, unavailable

T = TypeVar("T")
Parameters: TypeAlias = tuple[object, ...] | Mapping[str, object]
Row: TypeAlias = tuple[Any, ...]


class PatientReader:
    """Queries on one connection, one after the other, each answered or given up within ``longest``."""

    def __init__(self, connection: sqlite3.Connection, longest: timedelta) -> None:
        self._connection = connection
        self._longest = longest.total_seconds()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="netscript-kv-reader")
        self._open = True

    async def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """Return all rows of a query.

        Raises:
            StoreUnavailableError: the file stayed locked, cannot be read, or is closed.
        """
        if not self._open:
            raise closed()
        try:
            async with asyncio.timeout(self._longest):
                return await self._run(lambda: self._connection.execute(sql, parameters).fetchall())
        except sqlite3.Error as error:
            raise unavailable(error) from error
        except TimeoutError as error:
            problem = f"the file gave no answer within {self._longest:g} s"
            raise StoreUnavailableError(STORE, problem) from error

    async def aclose(self) -> None:
        """Close the connection after the queries that are under way. Closing twice is no fault."""
        if not self._open:
            return
        self._open = False
        closing = self._run(self._connection.close)
        self._thread.shutdown(wait=False)
        await closing

    def _run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)
