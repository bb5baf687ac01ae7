"""A proxy that lets nobody by, but where a test says so, and a server that goes on without end."""

import asyncio
from collections.abc import Callable

from tests.support.raw_server import Asked, Speak

SIGN_IN = "https://auth.acme.example/api/v1/auth/signin?redirectTo=https%3A%2F%2Facme.example%2Freports"
Answers = Callable[[Asked], str]


def answer(status: str, *lines: str, body: str = "") -> str:
    """Return an answer of HTTP as it is sent."""
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", body))


PROBLEM = answer(
    "401 Unauthorized",
    "Content-Type: application/problem+json",
    body='{"type":"about:blank","status":401,"code":"UNAUTHORIZED","data":{"reason":"no_session"}}',
)
TO_SIGN_IN = answer("302 Found", f"Location: {SIGN_IN}")


def closed(asked: Asked) -> str:
    """A proxy that lets nobody by: browsers are sent to sign in, others told 401."""
    return TO_SIGN_IN if asked.is_navigation else PROBLEM


def but(line: str, instead: str) -> Answers:
    """A closed proxy, but for requests with something in their head."""
    return lambda asked: instead if line in asked.head else closed(asked)


def saying(answers: Answers) -> Speak:
    """Speak by answering each request."""

    async def speak(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answers(asked).encode("latin-1"))
        await writer.drain()

    return speak


def forever(piece: bytes, *, before: bytes = b"", pause: float = 0) -> Speak:
    """Begin somehow, and go on without end; once the connection is gone, writing fails."""

    async def speak(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(before)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return speak
