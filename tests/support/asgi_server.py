"""Serves an ASGI application of this process to other processes: over HTTP on loopback, through a gate."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.abc
import httpx
from starlette.types import ASGIApp

_MOST_HEADERS = 64 * 1024


class Gate:
    """What passes, and whether it does.

    Attributes:
        bodies: Of all requests, in the order in which they came.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._opened = anyio.Event()
        self._opened.set()
        self._waiting = anyio.Event()

    @asynccontextmanager
    async def closed(self) -> AsyncGenerator[None]:
        """Let posted requests come in, and pass on none, while the block lasts."""
        self._opened, self._waiting = anyio.Event(), anyio.Event()
        try:
            yield
        finally:
            self._opened.set()

    async def somebody_waits(self) -> None:
        """Return as soon as a request stands before the closed gate."""
        with anyio.fail_after(60):
            await self._waiting.wait()

    async def pass_through(self, method: str, body: bytes) -> None:
        """Be a request."""
        self.bodies.append(body)
        if method == "POST" and not self._opened.is_set():
            self._waiting.set()
            await self._opened.wait()


@asynccontextmanager
async def serving(app: ASGIApp, port: int) -> AsyncGenerator[Gate]:
    """Serve while the block lasts; each connection carries one request."""
    gate = Gate()
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as inside,
        await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port) as listener,
        anyio.create_task_group() as group,
    ):

        async def answer(stream: anyio.abc.SocketStream) -> None:
            # Who asks may go away, or be killed, at any moment.
            with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                async with stream:
                    with anyio.move_on_after(120):
                        await _answer(stream, inside, gate, port)

        group.start_soon(listener.serve, answer)
        yield gate
        group.cancel_scope.cancel()


async def _answer(stream: anyio.abc.SocketStream, inside: httpx.AsyncClient, gate: Gate, port: int) -> None:
    received = b""
    while b"\r\n\r\n" not in received and len(received) < _MOST_HEADERS:
        received += await stream.receive()
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers.get("content-length", headers.get("Content-Length", "0"))):
        body += await stream.receive()
    await gate.pass_through(method, body)
    answer = await inside.request(
        method, f"http://localhost:{port}{target}", headers=headers, content=body, follow_redirects=False
    )
    told = "".join(
        f"{name}: {value}\r\n" for name, value in answer.headers.items() if name != "content-length"
    )
    length = f"content-length: {len(answer.content)}\r\nconnection: close\r\n\r\n"
    await stream.send(f"HTTP/1.1 {answer.status_code} x\r\n{told}{length}".encode("latin-1") + answer.content)
