"""The one thread that writes: what waits while the disk is busy is committed together."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from netscript_kernel.clock import Clock
from netscript_kernel.kv.sqlite.failures import closed, is_busy, unavailable
from netscript_kernel.kv.sqlite.transaction import Transaction

T = TypeVar("T")

_LARGEST_GROUP = 1000
_LOCK_RETRY_SECONDS = 0.001

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    action: Callable[[Transaction], object]
    future: asyncio.Future[Any]


class GroupWriter:
    """Runs actions in write transactions, as many in one as are waiting.

    An action's caller hears of it once its transaction is committed. An action that fails harms no other.

    Attributes:
        transactions: How many write transactions were committed.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock, lock_timeout: timedelta) -> None:
        """Start the thread; must be called in the event loop that will use it.

        Args:
            connection: In autocommit mode, for this writer alone, which closes it at the end.
            clock: Says what has expired.
            lock_timeout: How long to wait for another process that is writing.
        """
        self.transactions = 0
        self._connection = connection
        self._clock = clock
        self._lock_timeout = lock_timeout.total_seconds()
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._accepting = True
        self._last_job_seen = False
        # A daemon, so that a program that forgets to close the store can end; no promise is broken by that.
        threading.Thread(target=self._work, name="netscript-kv-writer", daemon=True).start()

    async def run(self, action: Callable[[Transaction], T]) -> T:
        """Do this in a transaction and return its result when that is committed.

        An action that was asked for is done, even if the caller is cancelled meanwhile.

        Raises:
            StoreUnavailableError: it could not be committed, or the writer is closed.
        """
        if not self._accepting:
            raise closed()
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Job(action, future))
        return await future

    async def aclose(self) -> None:
        """Finish what is waiting, then close the connection. Closing twice is no fault."""
        if self._accepting:
            self._accepting = False
            self._queue.put(None)
        await asyncio.shield(self._stopped)

    def _work(self) -> None:
        while not self._last_job_seen:
            jobs = self._next_group()
            if jobs:
                self._call_loop(_deliver, jobs, self._write(jobs))
        try:
            self._connection.close()
        finally:
            self._call_loop(self._stopped.set_result, None)

    def _next_group(self) -> list[_Job]:
        jobs: list[_Job] = []
        job = self._queue.get()
        with suppress(Empty):
            while job is not None:
                jobs.append(job)
                if len(jobs) == _LARGEST_GROUP:
                    return jobs
                job = self._queue.get_nowait()
            self._last_job_seen = True
        return jobs

    def _write(self, jobs: Sequence[_Job]) -> list[object]:
        try:
            self._begin()
        except sqlite3.Error as error:
            return [unavailable(error) for _ in jobs]
        try:
            transaction = Transaction(self._connection, self._clock.unix())
            results = [job.action(transaction) for job in jobs]
            transaction.finish()
        except Exception as error:  # noqa: BLE001 - a dead writer would leave every caller waiting
            self._roll_back()
            return [_as_failure(error)] if len(jobs) == 1 else self._write_one_by_one(jobs)
        return self._end(transaction, results)

    def _write_one_by_one(self, jobs: Sequence[_Job]) -> list[object]:
        return [outcome for job in jobs for outcome in self._write([job])]

    def _begin(self) -> None:
        # SQLite's own waiting sleeps up to 0.1 s at a time, and would find the lock free too seldom while
        # another process writes group after group.
        deadline = time.monotonic() + self._lock_timeout
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not is_busy(error) or time.monotonic() >= deadline:
                    raise
            else:
                return
            time.sleep(_LOCK_RETRY_SECONDS)

    def _end(self, transaction: Transaction, results: list[object]) -> list[object]:
        if not transaction.changed:
            self._roll_back()
            return results
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # Never tried again: after an fsync that failed, one that succeeds proves nothing.
            self._roll_back()
            return [unavailable(error) for _ in results]
        self.transactions += 1
        return results

    def _roll_back(self) -> None:
        # After an I/O error SQLite may have rolled back by itself; rollback() then does nothing.
        with suppress(sqlite3.Error):
            self._connection.rollback()

    def _call_loop(self, callback: Callable[..., object], *arguments: object) -> None:
        # The loop is closed when a program ends without closing the store: nobody is left to tell.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *arguments)


def _as_failure(error: Exception) -> Exception:
    return unavailable(error) if isinstance(error, sqlite3.Error) else error


def _deliver(jobs: Sequence[_Job], outcomes: Sequence[object]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.future.done():
            _report_to_log(outcome)
        elif isinstance(outcome, Exception):
            job.future.set_exception(outcome)
        else:
            job.future.set_result(outcome)


def _report_to_log(outcome: object) -> None:
    # The caller was cancelled and hears nothing any more.
    if isinstance(outcome, Exception):
        _log.warning("a write whose caller had gone failed: %s", outcome)
