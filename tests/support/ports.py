"""Ports for servers that cannot be told to choose one themselves."""

import socket


def unused_port() -> int:
    """A loopback port that was free a moment ago; where a server can listen on port 0, prefer that."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
