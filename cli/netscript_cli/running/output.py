"""Reads what a process writes, keeps the end of it, and waits for no longer than somebody wants."""

import os
import select
import subprocess
import time
from contextlib import suppress
from typing import Final

MOST: Final = 64 * 1024
"""So many bytes are kept, the last ones."""

_PIECE: Final = 64 * 1024
_LOOK_AGAIN: Final = 0.05


class Output:
    """What one process writes into a pipe; others may hold the pipe open when it has long ended."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        self._process = process
        self._descriptor = process.stdout.fileno()
        self._kept = bytearray()
        self._left_out = 0
        self._has_ended = False

    def read_until_exit(self, seconds: float) -> bool:
        """Read while the process runs; return whether it has ended within some seconds."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._read(min(left, _LOOK_AGAIN))
        return True

    def read_rest(self, seconds: float) -> None:
        """Read to the end, if that comes within some seconds."""
        deadline = time.monotonic() + seconds
        while not self._has_ended and (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def text(self) -> str:
        """Return the end of it, which says so where there was more."""
        text = self._kept.decode(errors="replace")
        return f"({self._left_out} bytes before this are left out)\n{text}" if self._left_out else text

    def _read(self, seconds: float) -> None:
        if self._has_ended:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
            return
        readable, _, _ = select.select([self._descriptor], [], [], seconds)
        if not readable:
            return
        piece = os.read(self._descriptor, _PIECE)
        self._has_ended = not piece
        self._kept += piece
        if (more := len(self._kept) - MOST) > 0:
            del self._kept[:more]
            self._left_out += more
