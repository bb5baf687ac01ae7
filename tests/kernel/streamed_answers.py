"""Answers as a server streams them, for pretend services."""

from collections.abc import AsyncIterator

import httpx


class Once(httpx.AsyncByteStream):
    """A body as a server streams it."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


def streamed(answer: httpx.Response) -> httpx.Response:
    """The same answer, to be read for the first time."""
    return httpx.Response(answer.status_code, headers=answer.headers, stream=Once(answer.content))
