"""A served process closes connections that say nothing, refuses endless heads, and keeps files for itself."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_kernel.server_limits import LARGEST_HEAD, MOST_CONNECTIONS
from tests.support.serving import serving

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, sys
from datetime import timedelta
from netscript_kernel.server import serve
sys.exit(serve(
    "tests.kernel.served:create_app",
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    head_patience=timedelta(seconds=float(sys.argv[1])),
))
"""
ALLOWED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from netscript_kernel.server_limits import connections_at_most
print(connections_at_most(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
SECONDS = 120.0
REQUEST = b"GET /pid HTTP/1.1\r\nHost: 127.0.0.1\r\n"

pytestmark = pytest.mark.slow


@contextmanager
def serving_with(patience: timedelta, port: int, folder: Path) -> Generator[int]:
    """Run a server that waits so long for the head of a request."""
    command = (sys.executable, "-c", PROGRAM, str(patience.total_seconds()))
    with serving(command, port, folder, environment={"PYTHONPATH": str(ROOT)}):
        yield port


@pytest.fixture
def port(free_port: int, tmp_path: Path) -> Iterator[int]:
    """Where a patient server listens."""
    with serving_with(timedelta(minutes=1), free_port, tmp_path) as port:
        yield port


@pytest.fixture
def impatient(free_port: int, tmp_path: Path) -> Iterator[int]:
    """Where a server listens that soon closes a connection which says nothing."""
    with serving_with(timedelta(milliseconds=300), free_port, tmp_path) as port:
        yield port


async def _until_closed(port: int, sent: bytes) -> bytes:
    """Send something, then nothing, and return what comes until the server closes the connection."""
    answer, loop = b"", asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setblocking(False)
        async with asyncio.timeout(SECONDS):
            with suppress(ConnectionError):  # it may have closed before it has read everything
                await loop.sock_sendall(connection, sent)
            with suppress(ConnectionError):
                while piece := await loop.sock_recv(connection, 65536):
                    answer += piece
    return answer


async def _answered(port: int) -> bytes:
    """Ask until there is an answer: a busy machine may be slower than an impatient server allows."""
    while not (answer := await _until_closed(port, REQUEST + b"\r\n")):
        pass
    return answer


async def test_i1_connections_that_say_nothing_are_closed_and_others_are_answered_meanwhile(
    impatient: int,
) -> None:
    silent = [_until_closed(impatient, b"") for _ in range(5)]
    halves = [_until_closed(impatient, REQUEST) for _ in range(5)]

    *said, answer = await asyncio.gather(*silent, *halves, _answered(impatient))

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert said == [b""] * 10


async def test_i1_a_connection_that_was_answered_is_not_kept_for_ever_either(impatient: int) -> None:
    answer = await _answered(impatient)

    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("size", "status"), [(LARGEST_HEAD // 2, b"200"), (LARGEST_HEAD * 4, b"431")])
async def test_d4_a_head_has_its_limits(port: int, size: int, status: bytes) -> None:
    cookie = b"Connection: close\r\nCookie: x=" + b"a" * size

    answer = await _until_closed(port, REQUEST + cookie + b"\r\n\r\n")

    assert answer.split(b" ", 2)[1] == status


@pytest.mark.parametrize(
    ("soft", "hard", "allowed"),
    [
        (1024, 20_000, MOST_CONNECTIONS),
        (1024, 1024, 768),
        (20_000, 20_000, MOST_CONNECTIONS),
        (200, 300, 150),
    ],
)
def test_a_server_asks_for_the_files_it_needs_and_takes_fewer_connections_where_it_gets_fewer(
    soft: int, hard: int, allowed: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALLOWED, str(soft), str(hard)], check=True, capture_output=True, text=True
    )

    connections, files = map(int, done.stdout.split())
    assert connections == allowed
    assert connections < files <= hard
