"""Sends requests as they are given, byte for byte: ordinary HTTP clients mend paths and headers."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import h11

from netscript_plugin_auth.proxy_check.target import Target

HeaderLine = tuple[str, str]
_PIECE: Final = 16 * 1024
_MAX_BODY: Final = 256 * 1024


class NoAnswerError(Exception):
    """No HTTP answer came: the connection failed, was closed, or what came is no HTTP."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is sent.

    Attributes:
        path: The request target, whatever it is.
        headers: In their order, as they are spelled; ``Host`` and ``Connection`` are added.
    """

    method: str
    path: str
    headers: Sequence[HeaderLine] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        headers: By lower-case name, in their order.
        body: Its first 256 KiB, where it was wanted.
    """

    status: int
    headers: Sequence[HeaderLine] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Return the first value under a lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


class Wire:
    """Asks one proxy, by a new connection for each request.

    Args:
        target: Where it is.
        seconds: How long one request may take, the connection included.
    """

    def __init__(self, target: Target, seconds: float) -> None:
        self._target = target
        self._seconds = seconds
        self._tls = ssl.create_default_context() if target.is_tls else None

    async def ask(
        self, request: Request, cookie: str | None = None, *, body_of: HTTPStatus | None = None
    ) -> Answer:
        """Send a request, and return its answer.

        Args:
            request: Sent as it is.
            cookie: Of a session, to ask as somebody who is signed in.
            body_of: The status with which the body is wanted; others may have one that never ends.

        Raises:
            NoAnswerError: none came, in words without anything that the other side said.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(self._lines(request, cookie), body_of=body_of)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {self._seconds:g} seconds") from None
        except ssl.SSLCertVerificationError as error:
            raise NoAnswerError(f"the certificate is not trusted: {error.verify_message}") from error
        except h11.RemoteProtocolError as error:
            raise NoAnswerError("what came is no answer of HTTP/1.1, or was cut off") from error
        except ValueError as error:  # of a label that is empty or too long
            raise NoAnswerError("the name of the host is none that can be looked up") from error
        except OSError as error:
            raise NoAnswerError(f"the connection failed: {error.strerror or type(error).__name__}") from error

    def _lines(self, request: Request, cookie: str | None) -> h11.Request:
        named = {name.lower() for name, _ in request.headers}
        lines = [] if "host" in named else [("Host", self._target.authority)]
        lines += request.headers
        if cookie is not None:
            lines.append(("Cookie", cookie))
        if "connection" not in named:
            lines.append(("Connection", "close"))
        return h11.Request(method=request.method, target=request.path, headers=lines)

    async def _exchange(self, request: h11.Request, *, body_of: HTTPStatus | None) -> Answer:
        host, port = self._target.address
        name = self._target.name if self._tls is not None else None
        reader, writer = await asyncio.open_connection(host, port, ssl=self._tls, server_hostname=name)
        try:
            speech = h11.Connection(h11.CLIENT)
            writer.write((speech.send(request) or b"") + (speech.send(h11.EndOfMessage()) or b""))
            await writer.drain()
            head = await _head(speech, reader)
            body = await _body(speech, reader) if head.status_code == body_of else b""
        finally:
            writer.transport.abort()
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
        return Answer(head.status_code, headers, body)


async def _head(
    speech: h11.Connection, reader: asyncio.StreamReader
) -> h11.Response | h11.InformationalResponse:
    while True:
        event = await _next(speech, reader)
        if isinstance(event, h11.Response):
            return event
        if not isinstance(event, h11.InformationalResponse):
            raise NoAnswerError("the connection was closed without an answer")
        if event.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            return event


async def _body(speech: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while len(body) < _MAX_BODY:
        event = await _next(speech, reader)
        if not isinstance(event, h11.Data):
            break
        body += event.data
    return bytes(body[:_MAX_BODY])


async def _next(speech: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := speech.next_event()) is h11.NEED_DATA:
        speech.receive_data(await reader.read(_PIECE))
    return event
