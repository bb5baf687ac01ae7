"""The transport beneath the WorkOS SDK: our time limits, small answers, no redirects."""

import asyncio
from datetime import timedelta
from typing import Final

import httpx
from workos import HTTPResponse, TransportConnectError, TransportError, TransportTimeout

from netscript_kernel.json_documents import read_json
from netscript_kernel.outbound import UnreadableBodyError, no_answer, outbound_client, read_body

CONNECT_LIMIT: Final = timedelta(seconds=3)
TOTAL_LIMIT: Final = timedelta(seconds=10)
MOST_BYTES: Final = 1024 * 1024


class WorkOSHttp:
    """Keeps the SDK's ``AsyncHTTPBackend``.

    Args:
        client: Instead of our own; it stays its owner's to close. Redirects are not followed with it either.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or outbound_client(total=TOTAL_LIMIT, connect=CONNECT_LIMIT)
        self._is_ours = client is None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        timeout: float = TOTAL_LIMIT.total_seconds(),  # noqa: ASYNC109 - the SDK's protocol
    ) -> HTTPResponse:
        """Send one request and read the answer to its end.

        Raises:
            TransportTimeout: no answer in time.
            TransportConnectError: it never arrived.
            TransportError: no answer, or one that is too large or encoded; in words without secrets.
        """
        plain = {**(headers or {}), "accept-encoding": "identity"}
        try:
            request = self._client.build_request(method, url, headers=plain, content=content)
            async with asyncio.timeout(min(timeout, TOTAL_LIMIT.total_seconds())):
                return await self._read(request)
        except (TimeoutError, UnicodeError, httpx.HTTPError, httpx.InvalidURL) as error:
            # Without the library's words and without its error: both may carry the request.
            raise _kind_of(error)(no_answer(method, url, error)) from None
        except UnreadableBodyError as error:
            raise TransportError(str(error)) from None

    async def close(self) -> None:
        """Let go of the connections, if they are ours."""
        if self._is_ours:
            await self._client.aclose()

    async def _read(self, request: httpx.Request) -> HTTPResponse:
        response = await self._client.send(request, stream=True, follow_redirects=False, auth=None)
        try:
            if response.is_redirect:
                raise TransportError(f"it answered {response.status_code} and points elsewhere")
            body = await read_body(response, MOST_BYTES)
            # The SDK takes what it cannot read for an empty answer, and that for "there is none".
            if response.is_success and body and read_json(body) is None:
                raise TransportError("an answer that is not JSON")
            url = str(request.url.copy_with(query=None))
            return HTTPResponse(response.status_code, response.headers, body, request.method, url)
        finally:
            await response.aclose()


def _kind_of(error: Exception) -> type[TransportError]:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return TransportTimeout
    return TransportConnectError if isinstance(error, httpx.ConnectError) else TransportError
