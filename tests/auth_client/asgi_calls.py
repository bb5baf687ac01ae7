"""Requests as a server hands them to an application, to the letter; and what comes back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from netscript_auth_client.asgi import ASGIApp, Message, Scope

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass
class Reply:
    """What an application sent."""

    messages: list[Message] = field(default_factory=list[Message])

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    def set_cookies(self) -> list[str]:
        return [value.decode() for name, value in self.messages[0]["headers"] if name == b"set-cookie"]


def http_scope(path: str = "/", *headers: tuple[bytes, bytes], method: str = "GET", **more: Any) -> Scope:
    return {"type": "http", "method": method, "path": path, "headers": list(headers), **more}


def websocket_scope(path: str = "/", *headers: tuple[bytes, bytes], **more: Any) -> Scope:
    return {"type": "websocket", "path": path, "headers": list(headers), **more}


async def call(app: ASGIApp, scope: Scope) -> Reply:
    reply = Reply()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        reply.messages.append(message)

    await app(scope, receive, send)
    return reply


@asynccontextmanager
async def living(app: ASGIApp) -> AsyncGenerator[None]:
    """Start an application as a server does, and stop it when the block ends."""
    asked, said = asyncio.Queue[Message](), asyncio.Queue[Message]()
    life = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, asked.get, said.put))
    await asked.put({"type": "lifespan.startup"})
    assert (await said.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await asked.put({"type": "lifespan.shutdown"})
        assert (await said.get())["type"] == "lifespan.shutdown.complete"
        await life


async def hello(scope: Scope, receive: Any, send: Any) -> None:
    """An application that greets everybody whom it gets to see."""
    prefix = "http.response"
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": f"{prefix}.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": f"{prefix}.body", "body": b"hello"})
