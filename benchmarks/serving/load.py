"""Asks a server over a number of connections, each its next question as soon as it has the answer.

::

    python -m benchmarks.serving.load '{"port": 8094, ...}'   # the fields of Load

Prints one JSON object: the fields of :class:`Measured`. A program of its own, so that it can have a processor
of its own. wrk does the same, but is not to be had without being root; the two agreed within the noise.
"""

import asyncio
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import cast

import uvloop

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "
_LAST_CHUNK = b"0\r\n\r\n"
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask.

    Attributes:
        port: On 127.0.0.1.
        path: Of the request.
        host: Its ``Host``.
        headers_file: A file with one line for each signed-in person, such as ``cookie: name=token``; each
            request carries one of them at random.
        expected: Text that every answer must have in its head or body.
        seconds: How long to ask.
        connections: How many at a time.
        seed: Of the randomness.
        most: Stop after so many answers, even before the time is up.
    """

    port: int
    path: str
    host: str
    headers_file: str
    expected: str
    seconds: float
    connections: int
    seed: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of it.

    Attributes:
        per_second: Answers.
        p50_ms: Half of the answers came within so many milliseconds.
        p99_ms: 99 of 100 did.
    """

    per_second: float
    p50_ms: float
    p99_ms: float


class _Connection(asyncio.Protocol):
    """One connection with one question under way."""

    def __init__(self, requests: list[bytes], expected: bytes, until: float, most: float) -> None:
        self.latencies: list[float] = []
        self._most = most
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._expected = expected
        self._until = until
        self._asked_at = 0.0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first question."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Ask the next question once the answer is whole."""
        self._received += data
        if not _is_whole(self._received):
            return
        now = time.perf_counter()
        self.latencies.append(now - self._asked_at)
        if not self._received.startswith(b"HTTP/1.1 200 ") or self._expected not in self._received:
            self._fail(f"an unexpected answer: {self._received[:2000]!r}")
        elif now < self._until and len(self.latencies) < self._most:
            self._ask()
        else:
            self.ended.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for an answer that does not come."""
        if not self.ended.done():
            self._fail(f"the server closed a connection ({exc})")

    def _ask(self) -> None:
        self._received = b""
        self._asked_at = time.perf_counter()
        self._transport.write(self._requests[len(self.latencies) % len(self._requests)])

    def _fail(self, problem: str) -> None:
        self.ended.set_exception(RuntimeError(problem))
        self._transport.abort()


def _is_whole(answer: bytes) -> bool:
    """Whether an answer has arrived to its end: by its length, or in chunks."""
    head, end, body = answer.partition(_END_OF_HEAD)
    if not end:
        return False
    _, _, length = head.lower().partition(_LENGTH)  # nginx writes capitals
    if length:
        return len(body) >= int(length.partition(b"\r")[0])
    return body.endswith(_LAST_CHUNK)


async def ask(load: Load, people: list[str]) -> Measured:
    """Ask for as long as told, each time as one of the people, and return what came of it."""
    random = Random(load.seed)
    head = f"GET {load.path} HTTP/1.1\r\nhost: {load.host}\r\n"
    begun = time.perf_counter()
    most = math.inf if load.most is None else load.most / load.connections
    connections: list[_Connection] = []
    for _ in range(load.connections):
        asked = random.sample(people, min(2000, len(people)))
        requests = [f"{head}{person}\r\n\r\n".encode() for person in asked]
        connect = partial(_Connection, requests, load.expected.encode(), begun + load.seconds, most)
        _, connection = await asyncio.get_running_loop().create_connection(connect, "127.0.0.1", load.port)
        connections.append(connection)
    async with asyncio.timeout(load.seconds + _PATIENCE_SECONDS):
        await asyncio.gather(*(connection.ended for connection in connections))
    seconds = time.perf_counter() - begun
    latencies = sorted(latency for connection in connections for latency in connection.latencies)
    return Measured(
        per_second=len(latencies) / seconds,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
    )


def main() -> None:
    """Do what the one argument says."""
    load = Load(**json.loads(sys.argv[1]))
    measured = uvloop.run(ask(load, Path(load.headers_file).read_text().splitlines()))
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
