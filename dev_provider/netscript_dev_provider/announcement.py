"""Saying that the server is there, once it is."""

import socket
import sys
import threading
import time

_PAUSE_SECONDS = 0.05


def announce_when_reachable(host: str, port: int, text: str) -> None:
    """Write a line to standard output as soon as somebody can connect; return at once.

    Granian tells its hooks before the worker listens, and who waits for the line would be refused.
    """

    def wait() -> None:
        while not _accepts(host, port):
            time.sleep(_PAUSE_SECONDS)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    threading.Thread(target=wait, name="announcement", daemon=True).start()


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as probe:
            # Where nobody listens yet, a probe may be given the same port and so connect to itself.
            return bool(probe.getsockname() != probe.getpeername())
    except OSError:
        return False
