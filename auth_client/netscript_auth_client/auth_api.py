"""How auth-api is spoken to: one pool of connections, short time limits, small answers, no redirects.

Nothing of a caller's request goes there but what is named here: no address, no foreign cookie.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

import httpx

from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.json_documents import read_json_object
from netscript_kernel.outbound import (
    UnreadableBodyError,
    keep_cookies_out_of_logs,
    no_answer,
    outbound_client,
    read_body,
)

TOTAL_LIMIT: Final = timedelta(seconds=5)
CONNECT_LIMIT: Final = timedelta(seconds=2)
MOST_BYTES: Final = 256 * 1024
_USUAL_WAIT: Final = timedelta(seconds=1)
_LONGEST_WAIT: Final = timedelta(minutes=1)
_WHERE: Final = "NETSCRIPT_CALLERS_AUTH_URL says where it is"
_OWN: Final = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": f"netscript-auth-client/{version('netscript-auth-client')}",
}


def auth_api_away(problem: str, retry_after: timedelta = _USUAL_WAIT) -> BackendUnavailableError:
    """Return the error of a question that auth-api left open."""
    return BackendUnavailableError("auth-api", problem, retry_after)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end.

    Attributes:
        set_cookies: Its ``Set-Cookie`` headers, whole.
    """

    status: int
    media_type: str
    retry_after: timedelta
    body: bytes = field(repr=False)
    set_cookies: tuple[str, ...] = field(repr=False)

    def json(self, media_type: str = "application/json") -> dict[str, object] | None:
        """Return the body if it is a JSON object of this type, else ``None``."""
        return read_json_object(self.body) if self.media_type == media_type else None


class AuthApi:
    """The connections to one auth-api, opened when first needed.

    Args:
        url: Where it is reached, without a trailing slash.
        public_url: What browsers call it: it answers for no other ``Host``.
        http: Instead of our own; it stays its owner's to close.
    """

    def __init__(self, url: str, public_url: str, http: httpx.AsyncClient | None = None) -> None:
        keep_cookies_out_of_logs()
        self._url = url
        self._host = urlsplit(public_url).netloc
        self._given = http
        self._own: httpx.AsyncClient | None = None

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something.

        Raises:
            BackendUnavailableError: no whole answer in time, or too large a one.
        """
        try:
            async with asyncio.timeout(TOTAL_LIMIT.total_seconds()):
                async with self._sent(path, headers or {}) as response:
                    return await _read(response)
        except (TimeoutError, UnicodeError, httpx.HTTPError, httpx.InvalidURL) as error:
            # Without the library's words and without its error: both may carry the request.
            raise auth_api_away(f"{no_answer('GET', self._url + path, error)}; {_WHERE}") from None
        except UnreadableBodyError as error:
            raise auth_api_away(str(error)) from None

    @asynccontextmanager
    async def listening(
        self, path: str, headers: Mapping[str, str], silence: timedelta
    ) -> AsyncGenerator[httpx.Response]:
        """Lend an answer that does not end.

        Args:
            path: Of the stream.
            headers: Sent besides our own.
            silence: Without a byte for so long, reading it fails.

        Raises:
            httpx.HTTPError: no answer, or it broke off.
        """
        stream = {**headers, "accept": "text/event-stream"}
        async with self._sent(path, stream, read=silence.total_seconds()) as response:
            yield response

    async def aclose(self) -> None:
        """Let go of the connections, if they are ours. Whoever asks again opens new ones."""
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    @asynccontextmanager
    async def _sent(
        self, path: str, headers: Mapping[str, str], read: float | None = None
    ) -> AsyncGenerator[httpx.Response]:
        client = self._client()
        limits = client.timeout.as_dict()
        # Not built by the client: one that keeps cookies would send one person's for another.
        request = httpx.Request(
            "GET",
            self._url + path,
            headers={**_OWN, "host": self._host, **headers},
            extensions={"timeout": limits if read is None else {**limits, "read": read}},
        )
        response = await client.send(request, stream=True, follow_redirects=False, auth=None)
        try:
            yield response
        finally:
            await response.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        if self._own is None:
            self._own = outbound_client(total=TOTAL_LIMIT, connect=CONNECT_LIMIT)
        return self._own


async def _read(response: httpx.Response) -> Answer:
    return Answer(
        status=response.status_code,
        media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        retry_after=_wait(response.headers.get("retry-after", "")),
        body=await read_body(response, MOST_BYTES),
        set_cookies=tuple(response.headers.get_list("set-cookie")),
    )


def _wait(told: str) -> timedelta:
    if not (told.isascii() and told.isdecimal()):
        return _USUAL_WAIT
    return min(timedelta(seconds=int(told[:6])), _LONGEST_WAIT) or _USUAL_WAIT
