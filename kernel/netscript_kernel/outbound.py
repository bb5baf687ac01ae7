"""How other systems are asked over HTTP: one kind of client, small answers, and why there was none, in words.

The environment's proxies and ``.netrc`` are not looked at: nothing below the composition root reads the
environment, and a stray ``.netrc`` would add credentials. Needs the extra ``client``.
"""

import logging
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from netscript_kernel.request_context import traced

_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted; SSL_CERT_FILE may name your authority"),
    (ssl.SSLError, "it does not speak TLS as we do"),
    (socket.gaierror, "its name is not known"),
    (ConnectionRefusedError, "nothing listens there"),
    (ConnectionResetError, "it closed the connection"),
    (TimeoutError, "it did not answer in time"),
    (httpx.TimeoutException, "it did not answer in time"),
)
_DEEPEST: Final = 20
_TELLING_LOGS: Final = ("httpcore.http11", "httpcore.http2")
_DEFAULT_PORTS: Final[Mapping[str, int]] = MappingProxyType({"https": 443, "http": 80})


def outbound_client(*, total: timedelta, connect: timedelta) -> httpx.AsyncClient:
    """Return a client that follows no redirect and keeps no cookie.

    Args:
        total: How long one step of a request may take.
        connect: How long it may take to be connected.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(total.total_seconds(), connect=connect.total_seconds()),
        trust_env=False,
        follow_redirects=False,
        transport=_TracedTransport(verify=_trusted(), trust_env=False),
        # What one person's request brought back is not for the next one's.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


class _HeadersOfAnswers(logging.Filter):
    """Drops the lines in which the HTTP library tells the headers of an answer: they hold session cookies."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("receive_response_headers.complete")


_FILTER: Final = _HeadersOfAnswers()


def keep_cookies_out_of_logs() -> None:
    """From now on no log of the HTTP library tells the headers of answers, whoever made the client."""
    for name in _TELLING_LOGS:
        logging.getLogger(name).addFilter(_FILTER)  # the same one twice is once


class _TracedTransport(httpx.AsyncHTTPTransport):
    """The usual one; each request is a part of the trace that it is made in, where there is one."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. Of the address, the trace has the host alone: a path may carry somebody's id."""
        facts = {"http.request.method": request.method, "server.address": request.url.host}
        with traced(request.method, facts):
            return await super().handle_async_request(request)


class UnreadableBodyError(Exception):
    """A body that nobody reads: in words that hold nothing of it."""


async def read_body(response: httpx.Response, most: int) -> bytes:
    """Return the body of a streamed answer to a request with ``Accept-Encoding: identity``.

    Args:
        response: Open, and its caller's to close.
        most: How many bytes it may have.

    Raises:
        UnreadableBodyError: it is encoded all the same, so that little could become much; or it is too large.
        httpx.HTTPError: it broke off.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        raise UnreadableBodyError("an encoded body, though we asked for a plain one")
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > most:
            raise UnreadableBodyError(f"a body of more than {most} bytes")
    return bytes(body)


def no_answer(method: str, url: str, error: Exception) -> str:
    """Say what was asked and what came of it; never the query or the body, which may carry secrets.

    Args:
        method: Of the request.
        url: Of the request.
        error: As the HTTP client raised it. Its own words are not repeated: they may carry the request.
    """
    try:
        asked = f"{method} {_address(urlsplit(url))}"
    except ValueError:
        asked = method
    chain = list(_chain(error))
    known = (words for kind, words in _CAUSES if any(isinstance(link, kind) for link in chain))
    return f"{asked}: {next(known, f'no answer ({type(error).__name__})')}"


def _address(parts: SplitResult) -> str:
    """Return scheme, host, path, and the port where it is not the scheme's own."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_told = parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}{f':{parts.port}' if is_told else ''}{parts.path}"


def _trusted() -> ssl.SSLContext:
    return _read_authorities(ssl.get_default_verify_paths())


@cache
def _read_authorities(_places: ssl.DefaultVerifyPaths, /) -> ssl.SSLContext:
    """Read them once for all clients, and anew where ``SSL_CERT_FILE`` names others: it takes long."""
    # The machine's own certificate authorities too, for systems inside a company.
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _chain(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """Yield an error and whatever it came from."""
    if depth > _DEEPEST:
        return
    yield error
    inner: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    for cause in (error.__cause__, error.__context__, *inner):
        if cause is not None:
            yield from _chain(cause, depth + 1)
