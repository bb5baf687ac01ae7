"""Finds what is left where a guard was killed before it could end everything below it."""

import os
import signal
import time
from collections.abc import Container, Generator
from contextlib import contextmanager, suppress
from typing import Final

from netscript_cli.supervisor import guard

_SECONDS: Final = 5.0
_PAUSE: Final = 0.01


@contextmanager
def no_strays() -> Generator[None]:
    """End by force, when the block ends, all that was started in it and still runs.

    On Linux, whatever a lost guard leaves behind becomes our child in the meantime, wherever it has moved.
    """
    before = frozenset(guard.descendants())
    guard.ask_the_kernel(guard.PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        _end_all_but(before)
        guard.ask_the_kernel(guard.PR_SET_CHILD_SUBREAPER, 0)


def _end_all_but(before: Container[int]) -> None:
    ended = set[int]()
    deadline = time.monotonic() + _SECONDS
    # Again and again: one of them may have started something in the meantime.
    while (left := guard.descendants(before)) and time.monotonic() < deadline:
        for each in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        ended.update(left)
        time.sleep(_PAUSE)
    for each in ended:
        with suppress(ChildProcessError):
            os.waitpid(each, os.WNOHANG)
