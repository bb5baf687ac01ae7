"""The typed client of a contract: derived from the contract itself, nothing generated.

::

    async with connected(UsersV1, "https://users.acme.example") as users:
        user = await users.find(user_id="usr_1")  # typed: User

Needs the extra ``client``.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar, Unpack, cast

import httpx
from pydantic import BaseModel

from netscript_kernel.addresses import service_address_problem
from netscript_kernel.client_errors import (
    CallError,
    CallUnavailableError,
    OutOfContractError,
    ProblemReply,
)
from netscript_kernel.client_options import ClientOptions, ClientPolicy, HeaderContributor, OutgoingCall
from netscript_kernel.client_wire import (
    UNAVAILABLE_STATUSES,
    Incoming,
    Outgoing,
    outgoing,
    output_of,
    retry_delay,
)
from netscript_kernel.contracts import AnyOperation, Contract, Operation
from netscript_kernel.request_context import outgoing_headers

__all__ = [
    "CallError",
    "CallUnavailableError",
    "ClientOptions",
    "HeaderContributor",
    "HttpCaller",
    "OutOfContractError",
    "OutgoingCall",
    "ProblemReply",
    "connect",
    "connected",
    "http_client",
]

C = TypeVar("C", bound=Contract)
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)

_IDEMPOTENT = frozenset({"GET", "DELETE"})
_LOST = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
)

# A jar would hand what one person's call received to the next person's.
_NO_COOKIES = DefaultCookiePolicy(allowed_domains=())


class HttpCaller:
    """Carries the calls of a client over HTTP. Redirects are never followed, cookies never kept.

    Args:
        contract: Whose calls.
        base_url: Scheme, host and perhaps a path, without query.
        http: Sends the requests; stays open when the caller is closed. Without one the caller makes its own.
        options: See :class:`ClientOptions`.
    """

    def __init__(
        self,
        contract: type[Contract],
        base_url: str,
        *,
        http: httpx.AsyncClient | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._contract = contract
        self._base_url = _checked(base_url)
        self._policy = ClientPolicy(**options)
        self._http = http or http_client()
        self._is_own = http is None

    async def call(self, operation: Operation[..., In, Out], value: In) -> Out:
        """Send the input, and return the validated output.

        Raises:
            ProblemReply: the service said no.
            CallUnavailableError: could not find out.
            OutOfContractError: an answer came that the contract does not know.
            ValueError: a field does not fit where it belongs, before anything is sent.
            TypeError: the answer is one that goes on.
        """
        data = cast("AnyOperation", operation)
        name = f"{self._contract.contract_name}.{data.name}"
        if data.stream_type is not None:
            raise TypeError(f"{name} answers with a stream, and a typed client reads whole answers")
        request = outgoing(self._contract.prefix, data, value)
        asked = OutgoingCall(self._contract.contract_name, data.name, data.method)
        answer = await self._send_with_retries(name, asked, request)
        return cast("Out", output_of(name, data, answer))

    async def aclose(self) -> None:
        """Close the connections, if they are this caller's own."""
        if self._is_own:
            await self._http.aclose()

    async def _send_with_retries(self, name: str, asked: OutgoingCall, request: Outgoing) -> Incoming:
        retries = self._policy.retries if asked.method in _IDEMPOTENT else 0
        for attempt in range(retries):
            try:
                answer = await self._send(name, asked, request)
            except _LOST:
                await self._policy.sleep(self._backoff(attempt))
                continue
            wait = self._wait_after(answer, attempt)
            if wait is None:
                return answer
            await self._policy.sleep(wait)
        try:
            return await self._send(name, asked, request)
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

    async def _send(self, name: str, asked: OutgoingCall, request: Outgoing) -> Incoming:
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


def http_client() -> httpx.AsyncClient:
    """Return an HTTP client that several clients may share: it keeps no cookies."""
    return httpx.AsyncClient(cookies=CookieJar(_NO_COOKIES))


def connect(
    contract: type[C],
    base_url: str,
    *,
    http: httpx.AsyncClient | None = None,
    **options: Unpack[ClientOptions],
) -> C:
    """Return a client of a contract that lives as long as the given HTTP client, or as the process.

    Raises:
        ValueError: the base URL is not one.
    """
    return contract(HttpCaller(contract, base_url, http=http, **options))


@asynccontextmanager
async def connected(
    contract: type[C],
    base_url: str,
    *,
    http: httpx.AsyncClient | None = None,
    **options: Unpack[ClientOptions],
) -> AsyncGenerator[C]:
    """Lend a client of a contract, and close its connections afterwards.

    Raises:
        ValueError: the base URL is not one.
    """
    caller = HttpCaller(contract, base_url, http=http, **options)
    try:
        yield contract(caller)
    finally:
        await caller.aclose()


def _checked(base_url: str) -> str:
    problem = service_address_problem(base_url)
    if problem is not None:
        raise ValueError(f"the base URL {problem}; name one such as https://users.acme.example")
    return base_url.rstrip("/")
