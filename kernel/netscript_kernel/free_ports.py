"""Whether a service could listen at a port of this machine, and why it could not.

Servers ask before they start: workers share their port, so that a second server on it would start without an
error.
"""

import errno
import os
import socket
from dataclasses import dataclass
from typing import Final

from netscript_kernel.errors import ConfigurationError, Fault

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PortRefusal:
    """Why a port cannot be had.

    Attributes:
        is_taken: Whether something listens there.
        words: What the system says.
    """

    is_taken: bool
    words: str


def refusal_of(port: int, host: str = LOOPBACK) -> PortRefusal | None:
    """Return why a service cannot have a port; ``None`` where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # elsewhere it would let a second server in
                # As servers do: a connection that has just ended is in nobody's way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        words = error.strerror or type(error).__name__
        return PortRefusal(is_taken=error.errno == errno.EADDRINUSE, words=words)
    return None


def require_free_port(host: str, port: int, variable: str) -> None:
    """Make sure that a service can have its port.

    Args:
        host: The address to listen on.
        port: The port there.
        variable: Which one says the port.

    Raises:
        ConfigurationError: it cannot.
    """
    refusal = refusal_of(port, host)
    if refusal is not None:
        problem = f"is {port}, which cannot be used on {host} ({refusal.words})"
        fix = f"stop what listens there, or set {variable} to a free port"
        raise ConfigurationError([Fault(variable, problem, fix)])
