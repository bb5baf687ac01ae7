"""How providers are spoken to: one client, short time limits, small answers, no redirects.

To use a proxy, pass your own client.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import httpx

from netscript_auth_core.errors import ProviderProtocolError
from netscript_auth_kv_oauth.outages import provider_away
from netscript_kernel.json_documents import read_json, read_json_object
from netscript_kernel.outbound import UnreadableBodyError, no_answer, outbound_client, read_body

CONNECT_LIMIT: Final = timedelta(seconds=3)
TOTAL_LIMIT: Final = timedelta(seconds=10)
MOST_BYTES: Final = 256 * 1024
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_USER_AGENT: Final = f"netscript-auth-kv-oauth/{version('netscript-auth-kv-oauth')}"
_SERVER_FAULT: Final = 500
# A gateway says so of a server behind it, which may have done what it was asked.
_OF_A_GATEWAY: Final = frozenset({502, 504})
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,
)
_BUSY: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer, read to its end.

    Attributes:
        date: When it was made, as the provider's clock has it; ``None`` where it does not say.
    """

    status: int
    body: bytes = field(repr=False)
    date: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300

    @property
    def is_redirect(self) -> bool:
        """Whether the answer points elsewhere; we never follow."""
        return 300 <= self.status < 400

    def json(self) -> object:
        """Return the body if it is JSON, else ``None``."""
        return read_json(self.body)

    def json_object(self) -> dict[str, object] | None:
        """Return the body if it is a JSON object, else ``None``."""
        return read_json_object(self.body)


class UnreadableAnswerError(ProviderProtocolError):
    """The status says that it was done, and what came with it cannot be read."""


class ProviderHttp:
    """The one client that speaks to all providers of a backend.

    Args:
        client: Instead of our own; it stays its owner's to close. Redirects are not followed with it either.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or outbound_client(total=TOTAL_LIMIT, connect=CONNECT_LIMIT)
        self._is_ours = client is None

    async def get(self, provider_id: str, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a document.

        Raises:
            BackendUnavailableError: no answer in time, or the server's fault.
            ProviderProtocolError: the answer is too large, or encoded though we asked for it not to be;
                ``UnreadableAnswerError`` where its status is a success.
        """
        return await self._send(provider_id, "GET", url, dict(headers or {}), None)

    async def post(
        self,
        provider_id: str,
        url: str,
        headers: Mapping[str, str],
        body: str | None,
        content_type: str = FORM,
    ) -> Answer:
        """Send a form, encoded already, or a body of another type, or none. Raises as :meth:`get` does.

        Raises:
            AnswerLostError: it may have arrived; the answer did not, or is a gateway's.
        """
        typed = {"content-type": content_type} if body is not None else {}
        return await self._send(provider_id, "POST", url, {**headers, **typed}, body)

    async def aclose(self) -> None:
        """Let go of the connections, if they are ours."""
        if self._is_ours:
            await self._client.aclose()

    async def _send(
        self, provider_id: str, method: str, url: str, headers: dict[str, str], body: str | None
    ) -> Answer:
        own = {"accept": "application/json", "accept-encoding": "identity", "user-agent": _USER_AGENT}
        try:
            request = self._client.build_request(method, url, headers={**own, **headers}, content=body)
            async with asyncio.timeout(TOTAL_LIMIT.total_seconds()):
                return await self._read(provider_id, request)
        except (TimeoutError, UnicodeError, httpx.HTTPError, httpx.InvalidURL) as error:
            # Without the library's words and without its error: both may carry the request.
            problem = no_answer(method, url, error)
            is_lost = method == "POST" and not isinstance(error, _NEVER_SENT)
            raise provider_away(provider_id, problem, is_lost=is_lost) from None

    async def _read(self, provider_id: str, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True, follow_redirects=False, auth=None)
        try:
            status = response.status_code
            if status >= _SERVER_FAULT or status in _BUSY:
                is_lost = request.method == "POST" and status in _OF_A_GATEWAY
                raise provider_away(provider_id, f"it answered {status}", is_lost=is_lost)
            return Answer(status, await _read_body(provider_id, response), response.headers.get("date"))
        finally:
            await response.aclose()


async def _read_body(provider_id: str, response: httpx.Response) -> bytes:
    try:
        return await read_body(response, MOST_BYTES)
    except UnreadableBodyError as error:
        unreadable = UnreadableAnswerError if response.is_success else ProviderProtocolError
        raise unreadable(provider_id, str(error)) from None
