"""Ports for servers that cannot be told to choose one themselves."""

import socket
from http.client import HTTPConnection


def unused_port() -> int:
    """A loopback port that was free a moment ago; where a server can listen on port 0, prefer that."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


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
