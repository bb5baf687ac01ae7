"""Answers of auth-api as a test says, odd ones included; no network."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from typing_extensions import override

from tests.support.pauses import until

URL = "http://127.0.0.1:8094"
PUBLIC_URL = "https://acme.example"

PRINCIPAL = {
    "userId": "usr_alice",
    "sessionHandle": "ses_one",
    "backend": "kv-oauth",
    "providerId": "google",
    "scopes": ["openid", "orders:read"],
    "roles": ["clerk"],
}
WHO = {
    "principal": PRINCIPAL,
    "user": {"id": "usr_alice", "name": "Alice", "email": "alice@acme.example", "emailVerified": True},
    "authenticatedAt": "2026-01-01T00:00:00Z",
    "expiresAt": "2026-01-08T00:00:00Z",
}


def says_who(**more: Any) -> httpx.Response:
    return httpx.Response(200, json={**WHO, **more})


def problem(status: int, code: str, reason: str | None = None, **headers: str) -> httpx.Response:
    body = {"type": "about:blank", "status": status, "code": code, "data": {"reason": reason}}
    told = {"content-type": "application/problem+json", **headers}
    return httpx.Response(status, json=body, headers=told)


class PretendAuthApi:
    """Stands behind an ``httpx.AsyncClient``.

    Attributes:
        answers: What it answers, by path; a callable is called with the request.
        requests: What it was asked.
    """

    def __init__(self, **verify: Any) -> None:
        self.answers: dict[str, Callable[[httpx.Request], httpx.Response] | httpx.Response] = {
            "/api/v1/auth/verify": says_who(**verify)
        }
        self.requests: list[httpx.Request] = []
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    @property
    def verify(self) -> object:
        """What ``/verify`` answers."""
        return self.answers["/api/v1/auth/verify"]

    @verify.setter
    def verify(self, answer: Callable[[httpx.Request], httpx.Response] | httpx.Response) -> None:
        self.answers["/api/v1/auth/verify"] = answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(request.url.path)
        if answer is None:
            return httpx.Response(404)
        return answer(request) if callable(answer) else answer


class Channel(httpx.AsyncByteStream):
    """A body that goes on until it is told to end; what a test sends arrives in pieces of its choice."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.is_closed = False
        self._waits = False

    @property
    def is_read(self) -> bool:
        """Whether somebody waits for more, and has worked on all that came."""
        return self._waits and self._pieces.empty()

    def send(self, *pieces: bytes) -> None:
        self._waits = False
        for piece in pieces:
            self._pieces.put_nowait(piece)

    def end(self, error: Exception | None = None) -> None:
        self._pieces.put_nowait(error)

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self._waits = self._pieces.empty()
            piece = await self._pieces.get()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece

    @override
    async def aclose(self) -> None:
        self.is_closed = True


class PretendFeed:
    """The feed of revocations: each connection gets a channel of its own.

    Attributes:
        channels: Of all connections, in order.
        refusals: What the next connections are answered instead.
    """

    def __init__(self, api: PretendAuthApi) -> None:
        self.channels: list[Channel] = []
        self.refusals: list[httpx.Response | Exception] = []
        self.requests: list[httpx.Request] = []
        api.answers["/api/v1/auth/revocations"] = self._connect

    def _connect(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if isinstance(refusal, Exception):
                raise refusal
            return refusal
        self.channels.append(Channel())
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=self.channels[-1])

    async def connected(self, count: int = 1) -> Channel:
        """Return the channel of a connection, once there is one."""
        await until(lambda: len(self.channels) >= count)
        return self.channels[count - 1]


READY = b"event: ready\ndata: {}\n\n"
ALIVE = b"event: alive\ndata: {}\n\n"


def revoked(handle: str, event_id: str = "1") -> bytes:
    return f'event: revoked\nid: {event_id}\ndata: {{"sid": "{handle}"}}\n\n'.encode()
