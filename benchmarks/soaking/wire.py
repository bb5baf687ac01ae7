"""HTTP that costs the asker little, so that what is measured is the server."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

_IDLE_SECONDS = 2.0  # the server closes a silent connection after five
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer.

    Attributes:
        headers: Pairs, names in lower case.
        body: Whole.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Return the first header of a name, or ``None``."""
        return next((value for key, value in self.headers if key == name), None)

    def cookies(self) -> dict[str, str]:
        """Return the cookies that it sets or, with an empty value, deletes."""
        lines = (value.partition(";")[0] for key, value in self.headers if key == "set-cookie")
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


class Connection:
    """One connection to a port of this machine, for one request after the other; reopened where it was idle.

    Args:
        port: On 127.0.0.1.
        host: The ``Host`` of each request.
    """

    def __init__(self, port: int, host: str) -> None:
        self._port = port
        self._host = host
        self._used_at = 0.0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """Send a request, and return the answer.

        Raises:
            OSError: nobody listens, the server closed the connection, or it did not answer in time.
        """
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                response = await self._ask(method, path, headers or {}, body)
        except BaseException as error:
            self.close()
            if isinstance(error, EOFError):
                raise ConnectionResetError("the server closed the connection") from error
            raise
        self._used_at = time.monotonic()
        return response

    def close(self) -> None:
        """Close it; the next request opens it anew."""
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        if self._streams and time.monotonic() - self._used_at > _IDLE_SECONDS:
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"content-length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._read(reader)

    async def _read(self, reader: asyncio.StreamReader) -> Response:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in head[1:] if line]
        headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
        found = dict(headers)
        status = int(head[0].split(" ")[1])
        if "chunked" in found.get("transfer-encoding", ""):
            body = await _read_chunks(reader)
        else:
            body = await reader.readexactly(int(found.get("content-length", "0")))
        if found.get("connection", "").lower() == "close":
            self.close()
        return Response(status, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    pieces: list[bytes] = []
    while size := int((await reader.readline()).partition(b";")[0], 16):
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(pieces)
