"""Ports for servers that cannot be told to choose one themselves."""

import atexit
import random
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Final

# Below those that the kernel hands out by itself: who lets it choose comes upon none of ours.
_BLOCKS: Final = range(12_000, 32_000, 100)


def unused_port() -> int:
    """A loopback port that nobody uses; it is handed out once, whichever processes of tests ask.

    Where a server can listen on port 0, prefer that.
    """
    return next(_PORTS)


def answers_http(port: int) -> bool:
    """Whether a server on this loopback port answers at all, whatever it says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        connection.getresponse()
    except OSError:
        return False
    else:
        return True
    finally:
        connection.close()


def _all_ports() -> Iterator[int]:
    """Yield the ports of one block after the other, once no other process can have that block."""
    for first in random.sample(_BLOCKS, len(_BLOCKS)):
        if _is_claimed(first):
            yield from filter(_is_free, range(first + 1, first + _BLOCKS.step))


def _is_claimed(port: int) -> bool:
    """Whether this process has bound a port, and keeps it as long as it lives."""
    claim = socket.socket()
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    atexit.register(claim.close)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS: Final = _all_ports()
