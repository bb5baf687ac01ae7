"""Sends the requests of a typed client, again where that is safe, and reads the answers within a limit."""

from typing import Final

import httpx

from netscript_kernel.client_errors import CallUnavailableError, OutOfContractError
from netscript_kernel.client_options import ClientPolicy, OutgoingCall
from netscript_kernel.client_wire import UNAVAILABLE_STATUSES, Incoming, Outgoing, retry_delay
from netscript_kernel.request_context import outgoing_headers

_IDEMPOTENT: Final = frozenset({"GET", "DELETE"})
_LOST: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
)


class Sender:
    """Sends to one service. Redirects are never followed.

    Args:
        http: Over which connections.
        base_url: Where the service is, without a slash at its end.
        policy: How long to wait, how often to try, and what to send along.
    """

    def __init__(self, http: httpx.AsyncClient, base_url: str, policy: ClientPolicy) -> None:
        self._http = http
        self._base_url = base_url
        self._policy = policy

    async def send(self, name: str, asked: OutgoingCall, request: Outgoing) -> Incoming:
        """Send a request, again where it changes nothing and was lost, and return the answer.

        Args:
            name: What errors call it.
            asked: Which call it is.
            request: Its place on the wire.

        Raises:
            CallUnavailableError: no answer came.
            OutOfContractError: one came that is compressed or too long.
        """
        retries = self._policy.retries if asked.method in _IDEMPOTENT else 0
        for attempt in range(retries):
            try:
                answer = await self._send_once(name, asked, request)
            except _LOST:
                await self._policy.sleep(self._backoff(attempt))
                continue
            wait = self._wait_after(answer, attempt)
            if wait is None:
                return answer
            await self._policy.sleep(wait)
        try:
            return await self._send_once(name, asked, request)
        except _LOST as error:
            raise CallUnavailableError(name, f"no connection ({type(error).__name__})") from error

    def _wait_after(self, answer: Incoming, attempt: int) -> float | None:
        if answer.status not in UNAVAILABLE_STATUSES:
            return None
        asked = retry_delay(answer.retry_after, self._policy.clock.now())
        if asked is None:
            return self._backoff(attempt)
        if asked > self._policy.longest_wait:
            return None
        return asked.total_seconds() + self._policy.jitter(0.1)

    def _backoff(self, attempt: int) -> float:
        return self._policy.jitter(0.2 * 2**attempt)

    async def _send_once(self, name: str, asked: OutgoingCall, request: Outgoing) -> Incoming:
        prepared = self._http.build_request(
            asked.method,
            self._base_url + request.path,
            params=tuple(request.query) or None,
            content=request.body,
            headers=await self._headers(asked, has_body=request.body is not None),
            timeout=self._policy.timeout.total_seconds(),
        )
        try:
            response = await self._http.send(prepared, stream=True, follow_redirects=False)
            try:
                return await self._read(name, response)
            finally:
                await response.aclose()
        except _LOST:
            raise
        except httpx.HTTPError as error:
            raise CallUnavailableError(name, f"no answer ({type(error).__name__})") from error

    async def _headers(self, asked: OutgoingCall, *, has_body: bool) -> httpx.Headers:
        headers = httpx.Headers({"Accept": "application/json", "Accept-Encoding": "identity"})
        if has_body:
            headers["Content-Type"] = "application/json"
        headers.update(outgoing_headers())
        headers.update(self._policy.headers)
        for contributor in self._policy.contributors:
            headers.update(await contributor(asked))
        return headers

    async def _read(self, name: str, response: httpx.Response) -> Incoming:
        limit = self._policy.answer_limit
        if response.headers.get("content-encoding", "identity") != "identity":
            raise OutOfContractError(name, response.status_code, "compressed, though that was not asked for")
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > limit:
                raise OutOfContractError(name, response.status_code, f"longer than {limit} bytes")
        return Incoming(
            status=response.status_code,
            media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
            location=response.headers.get("location"),
            retry_after=response.headers.get("retry-after"),
            body=bytes(body),
        )
