"""Finds what is left where a guard was killed before it could end everything below it."""

import asyncio
import os
import signal
import time
from collections.abc import Container, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Final, Protocol

from netscript_cli.supervisor import guard

_SECONDS: Final = 5.0
_PAUSE: Final = 0.01


@contextmanager
def no_strays() -> Generator[frozenset[int]]:
    """End by force, when the block ends, all that was started in it and still runs.

    On Linux, whatever a lost guard leaves behind becomes our child in the meantime, wherever it has moved.
    Yields the processes below us that were there before, and are nobody's business.
    """
    before = frozenset(guard.descendants())
    guard.ask_the_kernel(guard.PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield before
    finally:
        _end_all_but(before)
        guard.ask_the_kernel(guard.PR_SET_CHILD_SUBREAPER, 0)


class Guarded(Protocol):
    """A process behind a guard."""

    @property
    def guard_id(self) -> int | None:
        """The process of its guard; ``None`` where that has ended."""
        ...


class Strays:
    """What runs below us and behind no guard any more, found while others go on behind theirs.

    Attributes:
        starting: Held by whoever starts a process, until :meth:`spare` is told of it: a guard that nobody
            knows of yet would look like a stray.

    Args:
        before: What was below us before anything was started, and stays.
    """

    def __init__(self, before: frozenset[int]) -> None:
        self.starting = asyncio.Lock()
        self._before = before
        self._guarded: list[Guarded] = []

    def spare(self, process: Guarded) -> None:
        """Take note of a process that was just started."""
        self._guarded = [each for each in self._guarded if each.guard_id is not None]
        self._guarded.append(process)

    async def end(self) -> None:
        """End by force whatever a lost guard has left behind. Nothing may be started meanwhile."""
        ended = set[int]()
        deadline = time.monotonic() + _SECONDS
        while (left := guard.descendants(self._spared())) and time.monotonic() < deadline:
            _kill(left)
            ended.update(left)
            await asyncio.sleep(_PAUSE)
        _reap(ended)

    def _spared(self) -> frozenset[int]:
        guards = (each.guard_id for each in self._guarded)
        return self._before.union(each for each in guards if each is not None)


def _end_all_but(before: Container[int]) -> None:
    ended = set[int]()
    deadline = time.monotonic() + _SECONDS
    # Again and again: one of them may have started something in the meantime.
    while (left := guard.descendants(before)) and time.monotonic() < deadline:
        _kill(left)
        ended.update(left)
        time.sleep(_PAUSE)
    _reap(ended)


def _kill(processes: Iterable[int]) -> None:
    for each in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)


def _reap(processes: Iterable[int]) -> None:
    for each in processes:
        with suppress(ChildProcessError):
            os.waitpid(each, os.WNOHANG)
