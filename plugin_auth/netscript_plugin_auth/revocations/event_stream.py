"""The feed on the wire: server-sent events, until the listener goes, is let go, or reads too slowly.

Source: HTML Living Standard, section 9.2.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from netscript_plugin_auth.revocations.listeners import Listener
from netscript_plugin_auth.revocations.log_follower import Ended

MEDIA_TYPE: Final = "text/event-stream"
READY: Final = b"event: ready\ndata: {}\n\n"
ALIVE: Final = b"event: alive\ndata: {}\n\n"

_AT_ONCE: Final = 500
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# For whoever is let go: its connection may take nothing more.
_PATIENCE_SECONDS: Final = 1.0


def encode(ended: Ended) -> bytes:
    """Return the event that tells of one session."""
    data = json.dumps({"sid": ended.handle})  # in ASCII and on one line, whatever a handle holds
    return f"event: revoked\nid: {ended.span}\ndata: {data}\n\n".encode("ascii")


class EventStream(Response):
    """What a listener hears: what is known, ``ready``, and what ends from then on.

    Args:
        listener: One that has begun.
        leave: Called at the end, however it comes.
    """

    media_type = MEDIA_TYPE

    def __init__(self, listener: Listener, leave: Callable[[Listener], None]) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._listener = listener
        self._leave = leave

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            # A connection that is gone is told by some servers so; one that takes nothing is out of time.
            with suppress(OSError):
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._tell_until_it_is_over(receive, send)
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._leave(self._listener)

    async def _tell_until_it_is_over(self, receive: Receive, send: Send) -> None:
        tasks = [
            asyncio.ensure_future(each)
            for each in (self._tell(send), _gone(receive), self._listener.is_over.wait())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for each in ended:
            if isinstance(each, Exception):
                raise each

    async def _tell(self, send: Send) -> None:
        with suppress(OSError):
            while some := b"".join(map(encode, islice(self._listener.known, _AT_ONCE))):
                await _send(send, some)
            await _send(send, READY)
            while True:
                await _send(send, await self._listener.next())


async def _send(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Return when nobody is there any more, or sends a body that is too long or too slow."""
    with suppress(HTTPException):
        while (await receive())["type"] != "http.disconnect":
            pass
