"""How the better-auth server is spoken to: short time limits, small answers, no redirects, few headers.

Nothing of a visitor's request goes there but what the caller names: no address, no foreign cookie.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import httpx

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.outages import server_away
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.json_documents import read_json
from netscript_kernel.outbound import (
    UnreadableBodyError,
    keep_cookies_out_of_logs,
    no_answer,
    outbound_client,
    read_body,
)

CONNECT_LIMIT: Final = timedelta(seconds=3)
TOTAL_LIMIT: Final = timedelta(seconds=8)
MOST_BYTES: Final = 1024 * 1024
_USER_AGENT: Final = f"netscript-auth-better-auth/{version('netscript-auth-better-auth')}"
_JSON: Final = "application/json"
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429
_USUAL_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end.

    Attributes:
        path: What was asked.
        set_cookies: Its ``Set-Cookie`` headers, whole.
    """

    path: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    set_cookies: tuple[str, ...] = field(repr=False)

    @property
    def is_null(self) -> bool:
        """Whether it says ``null``: nobody."""
        return self._is_json and self.body.strip() == b"null"

    def json(self) -> object:
        """Return the body if it is JSON, else ``None``."""
        return read_json(self.body) if self._is_json else None

    @property
    def _is_json(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == _JSON


class AskedTooOftenError(BackendUnavailableError):
    """The server wants to be left alone for a while."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(BACKEND, "the better-auth server: it is asked too often (429)", retry_after)


class ServerHttp:
    """The client of one server.

    Args:
        base_url: What paths are below.
        client: Instead of our own; it stays its owner's to close. Redirects are not followed with it either.
    """

    def __init__(self, base_url: str, client: httpx.AsyncClient | None = None) -> None:
        keep_cookies_out_of_logs()
        self._base_url = base_url
        self._client = client or outbound_client(total=TOTAL_LIMIT, connect=CONNECT_LIMIT)
        self._is_ours = client is None

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for something.

        Raises:
            BackendUnavailableError: no whole answer in time, too large a one, one of an overloaded or broken
                server, or of another server than the one that was asked.
        """
        return await self._send("GET", path, dict(headers or {}), None)

    async def post(self, path: str, headers: Mapping[str, str], body: Mapping[str, str]) -> Answer:
        """Have something done. Raises as :meth:`get` does."""
        return await self._send(
            "POST", path, {**headers, "content-type": _JSON}, json.dumps(dict(body)).encode()
        )

    async def aclose(self) -> None:
        """Let go of the connections, if they are ours."""
        if self._is_ours:
            await self._client.aclose()

    async def _send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        own = {"accept": _JSON, "accept-encoding": "identity", "user-agent": _USER_AGENT}
        url = self._base_url + path
        try:
            # Not built by the client: one that keeps cookies would send one person's for another.
            request = httpx.Request(
                method,
                url,
                headers={**own, **headers},
                content=body,
                extensions={"timeout": self._client.timeout.as_dict()},
            )
            async with asyncio.timeout(TOTAL_LIMIT.total_seconds()):
                return await self._read(path, request)
        except (TimeoutError, UnicodeError, httpx.HTTPError, httpx.InvalidURL) as error:
            # Without the library's words and without its error: both may carry the request.
            raise server_away(no_answer(method, url, error)) from None
        except UnreadableBodyError as error:
            raise server_away(str(error)) from None

    async def _read(self, path: str, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True, follow_redirects=False, auth=None)
        try:
            status = response.status_code
            if status == _TOO_MANY:
                raise AskedTooOftenError(_wait(response))
            if status >= _SERVER_FAULT:
                raise server_away(f"it answered {status}")
            if response.is_redirect:
                raise server_away(f"it redirects ({status}); BETTER_AUTH_URL has to be its own address")
            return Answer(
                path=path,
                status=status,
                content_type=response.headers.get("content-type", ""),
                body=await read_body(response, MOST_BYTES),
                set_cookies=tuple(response.headers.get_list("set-cookie")),
            )
        finally:
            await response.aclose()


def _wait(response: httpx.Response) -> timedelta:
    told = response.headers.get("retry-after") or response.headers.get("x-retry-after") or ""
    if not (told.isascii() and told.isdecimal()):
        return _USUAL_WAIT
    return min(timedelta(seconds=int(told[:6])), _LONGEST_WAIT) or _USUAL_WAIT
