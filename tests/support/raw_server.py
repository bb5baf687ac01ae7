"""A server that says whatever bytes a test gives it, and need not know HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

_LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True)
class Asked:
    """The head of a request.

    Attributes:
        head: As it came, lines and all.
        line: Its first line.
    """

    head: str

    @property
    def line(self) -> str:
        """Method, target and version."""
        return self.head.partition("\r\n")[0]

    @property
    def is_navigation(self) -> bool:
        """Whether a browser that shows a page would ask so."""
        return self.line.startswith("GET") and "Accept: text/html" in self.head


Speak: TypeAlias = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request; the connection is closed afterwards."""


@asynccontextmanager
async def run_raw_server(speak: Speak) -> AsyncGenerator[int]:
    """Serve while the block lasts, and yield the port on 127.0.0.1."""
    under_way: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await speak(Asked(head.decode("latin-1")), writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, asyncio.CancelledError):
            pass  # whoever asked had enough, or the test did
        finally:
            under_way.discard(task)
            writer.transport.abort() if task.cancelling() else writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
