"""Listens to a feed in this process, as a server would let somebody listen."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from tests.support.pauses import until

PATH = "/api/v1/auth/revocations"
HOST = "auth.acme.example"


class FeedListener:
    """One request, and what is answered to it.

    Args:
        app: Answers.
        headers: Besides the host.
        query: Of the address.
        method: Of the request.

    Attributes:
        status: Of the answer, once it began.
        text: What was sent so far.
        is_over: Whether the answer was ended.
        reads: Set while pieces are taken; a slow reader's are not.
    """

    def __init__(self, app: ASGIApp, *headers: tuple[str, str], query: str = "", method: str = "GET") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.is_over = False
        self.reads = asyncio.Event()
        self.reads.set()
        self._gone = asyncio.Event()
        self._has_asked = False
        self._task = asyncio.create_task(self._run(app, _scope(headers, query, method)))

    @property
    def events(self) -> list[str]:
        """What it was told: handles of sessions, and names of other events."""
        return [
            json.loads(_field(event, "data")).get("sid", _field(event, "event"))
            for event in self.text.split("\n\n")[:-1]
        ]

    @property
    def ids(self) -> list[str]:
        """The ids of all events that have one."""
        return [line[4:] for line in self.text.split("\n") if line.startswith("id: ")]

    async def ready(self) -> "FeedListener":
        """Return once the list is complete."""
        await self.heard("ready")
        return self

    async def heard(self, event: str) -> None:
        """Return once it was told of something."""
        await until(lambda: event in self.events)

    async def ended(self) -> "FeedListener":
        """Return once the answer was ended."""
        await self._task
        return self

    async def leave(self) -> None:
        """Go, as somebody who closes the connection."""
        self._gone.set()
        await self._task

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._has_asked:
            self._has_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self.text += message["body"].decode()
        self.is_over = not message.get("more_body", False)


def bearer(secret: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {secret}")


def _field(event: str, name: str) -> str:
    (value,) = (line.removeprefix(f"{name}: ") for line in event.split("\n") if line.startswith(f"{name}: "))
    return value


def _scope(headers: tuple[tuple[str, str], ...], query: str, method: str) -> dict[str, Any]:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in (("host", HOST), *headers)]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
        "method": method,
        "path": PATH,
        "raw_path": PATH.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": raw,
        "client": ("203.0.113.9", 40000),
        "server": (HOST, 443),
    }
