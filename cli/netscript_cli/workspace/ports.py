"""Whether the port of a service can be had on this machine."""

import errno
import os
import socket
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PortRefusal:
    """Why a port cannot be had.

    Attributes:
        is_taken: Whether something listens there.
        words: What the system says.
    """

    is_taken: bool
    words: str


def refusal_of(port: int) -> PortRefusal | None:
    """Return why a service cannot have a port; ``None`` where it can."""
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere it would let a second server in
            # As servers do: a connection that has just ended is in nobody's way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            words = error.strerror or type(error).__name__
            return PortRefusal(is_taken=error.errno == errno.EADDRINUSE, words=words)
    return None
