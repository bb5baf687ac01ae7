"""Servers that tests start: ready when their output says so, gone when the test session is."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import IO

STOP_SECONDS = 5.0


class ServerDidNotStartError(AssertionError):
    """A server ended, or stayed silent, before it said that it was ready."""


class _Output:
    """Reads a server's output until its end, so that the server never blocks on a full pipe."""

    def __init__(self, stream: IO[str], ready: re.Pattern[str]) -> None:
        self._stream = stream
        self._ready = ready
        self._decided = threading.Event()
        self.lines: list[str] = []
        self.match: re.Match[str] | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._stream:
            self.lines.append(line)
            if self.match is None and (match := self._ready.search(line)):
                self.match = match
                self._decided.set()
        self._decided.set()

    def wait(self, seconds: float) -> re.Match[str] | None:
        self._decided.wait(seconds)
        return self.match

    def close(self) -> None:
        self._thread.join(STOP_SECONDS)
        self._stream.close()


@contextmanager
def running(command: Sequence[str], ready: str, seconds: float = 120.0) -> Generator[re.Match[str]]:
    """Run a server while the block lasts, and end its whole process group afterwards.

    Args:
        command: Program and arguments. Its standard input stays open: a server may end when that closes.
        ready: Pattern of the line with which it says that it listens.
        seconds: How long it may take until then.

    Yields:
        The match of ``ready``, with whatever the server told there.

    Raises:
        ServerDidNotStartError: with all that the server printed.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    output = _Output(process.stdout, re.compile(ready))
    try:
        match = output.wait(seconds)
        if match is None:
            raise ServerDidNotStartError(f"{command[0]} did not say {ready!r}:\n{''.join(output.lines)}")
        yield match
    finally:
        _end(process)
        process.stdin.close()
        output.close()


def _end(process: subprocess.Popen[str]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, kind)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
