"""Services of the kernel's server, in processes of their own, from when they can be reached."""

import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.support.program import Program, started


@contextmanager
def serving(
    command: Sequence[str | Path],
    port: int,
    folder: Path,
    *,
    workers: int = 1,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Generator[Program]:
    """Run a service while the block lasts, from when all its workers have started and one can be reached.

    Args:
        command: How it is started.
        port: Where it listens; it gets that as ``PORT``.
        folder: Where it runs, and where its output is kept.
        workers: How many it has.
        environment: All other variables.
    """
    with started(command, {"PORT": str(port), **environment}, folder) as service:
        # A worker says that it has started a moment before it listens.
        service.wait_until(
            lambda: service.stdout.count("Started worker") == workers and _is_reached(port), "it serves"
        )
        yield service


def _is_reached(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True
