"""A served process closes connections that say nothing, refuses endless heads, and keeps files for itself."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from netscript_kernel.server_limits import LARGEST_HEAD, MOST_CONNECTIONS

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from datetime import timedelta
from netscript_kernel.server import serve
sys.exit(serve(
    "tests.kernel.served:create_app",
    host="127.0.0.1",
    port=int(sys.argv[1]),
    head_patience=timedelta(milliseconds=300),
))
"""
ALLOWED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from netscript_kernel.server_limits import connections_at_most
print(connections_at_most(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
SECONDS = 20.0
REQUEST = b"GET /pid HTTP/1.1\r\nHost: 127.0.0.1\r\n"

pytestmark = pytest.mark.slow


@pytest.fixture
async def port(free_port: int) -> AsyncGenerator[int]:
    """Where an impatient server listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(free_port),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            while b"Started worker" not in (line := await process.stdout.readline()):
                assert line, "the server ended before it began"
        # That line comes a moment before it listens.
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as http:
            await http.get(f"http://127.0.0.1:{free_port}/pid")
        yield free_port
    finally:
        process.terminate()
        await process.communicate()


async def _until_closed(port: int, sent: bytes) -> bytes:
    """Send something, then nothing, and return what comes until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(SECONDS):
        answer = await reader.read()
    writer.close()
    return answer


async def test_i1_connections_that_say_nothing_are_closed_and_others_are_answered_meanwhile(
    port: int,
) -> None:
    silent = [asyncio.create_task(_until_closed(port, b"")) for _ in range(5)]
    halves = [asyncio.create_task(_until_closed(port, REQUEST)) for _ in range(5)]
    async with httpx.AsyncClient(timeout=SECONDS) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/pid")

    said = await asyncio.gather(*silent, *halves)

    assert answer.status_code == httpx.codes.OK
    assert said == [b""] * 10


async def test_i1_a_connection_that_was_answered_is_not_kept_for_ever_either(port: int) -> None:
    answer = await _until_closed(port, REQUEST + b"\r\n")

    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("size", "status"), [(LARGEST_HEAD // 2, b"200"), (LARGEST_HEAD * 4, b"431")])
async def test_d4_a_head_has_its_limits(port: int, size: int, status: bytes) -> None:
    answer = await _until_closed(port, REQUEST + b"Cookie: x=" + b"a" * size + b"\r\n\r\n")

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
