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
from netscript_kernel.client_sending import Sender
from netscript_kernel.client_wire import outgoing, output_of
from netscript_kernel.contracts import AnyOperation, Contract, Operation

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
        address, policy = _checked(base_url), ClientPolicy(**options)
        self._contract = contract
        self._http = http or http_client()
        self._is_own = http is None
        self._sender = Sender(self._http, address, policy)

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
        answer = await self._sender.send(name, asked, request)
        return cast("Out", output_of(name, data, answer))

    async def aclose(self) -> None:
        """Close the connections, if they are this caller's own."""
        if self._is_own:
            await self._http.aclose()


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
