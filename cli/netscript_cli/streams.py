"""What becomes of a command whose output has nowhere to go: one line that says so, and exit code 1."""

import errno
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_FAILED = 1
_CLOSED = "standard output is closed\nFix: send it somewhere, such as > /dev/null"
_OF_STREAMS = {errno.EBADF, errno.EIO, errno.ENOSPC, errno.EPIPE}


@contextmanager
def answers_for_output() -> Generator[None]:
    """Let a command run whose output is there, and end it where that takes no more.

    Raises:
        SystemExit: it was closed from the beginning, so that nothing was done; or it is full by now.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    if sys.stdout is None:
        sys.stderr.write(f"netscript: {_CLOSED}\n")
        raise SystemExit(_FAILED)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in _OF_STREAMS:
            raise
        _forget_the_rest()
        if error.errno != errno.EPIPE:  # whoever closes a pipe has read enough
            sys.stderr.write(f"netscript: standard output cannot be written: {error.strerror}\n")
        raise SystemExit(_FAILED) from None


def _forget_the_rest() -> None:
    """Keep Python from trying once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
