"""What answers at a port of this machine; it may be anything."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx

from netscript_kernel.free_ports import LOOPBACK

LIMIT: Final = timedelta(seconds=3)
_LARGEST: Final = 64 * 1024
_NO_OTHER_FORM: Final = {"accept": "application/json", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered.

    Attributes:
        status: ``None`` where there was no answer in time, or none of HTTP.
        body: Its beginning.
    """

    status: int | None = None
    body: bytes = b""


def ask(port: int, path: str, limit: timedelta = LIMIT) -> Answer:
    """Get a path, within a time for all of it."""
    return asyncio.run(_asked(f"http://{LOOPBACK}:{port}{path}", limit))


async def _asked(url: str, limit: timedelta) -> Answer:
    with suppress(TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL):
        async with (
            asyncio.timeout(limit.total_seconds()),
            httpx.AsyncClient(timeout=limit.total_seconds(), trust_env=False) as client,
            client.stream("GET", url, headers=_NO_OTHER_FORM) as answer,
        ):
            body = b""
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > _LARGEST:
                    break
            return Answer(answer.status_code, body)
    return Answer()
