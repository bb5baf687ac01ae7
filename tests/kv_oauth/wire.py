"""The wire between backend and provider: it can be cut, held, and looked at."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import parse_qs

import anyio
import anyio.lowlevel
import httpx

from netscript_kernel.json_documents import read_json_object

SECRET_MEMBERS = ("access_token", "refresh_token", "id_token")


class Pause:
    """One request that is held back."""

    def __init__(self) -> None:
        self._reached = anyio.Event()
        self._released = anyio.Event()

    @property
    def is_reached(self) -> bool:
        """Whether the request is there."""
        return self._reached.is_set()

    async def reached(self) -> None:
        """Return as soon as the request is there."""
        await self._reached.wait()

    def release(self) -> None:
        """Let it go on."""
        self._released.set()

    async def hold(self) -> None:
        """Be the request."""
        self._reached.set()
        await self._released.wait()


class Wire(httpx.AsyncBaseTransport):
    """Passes requests on to another transport.

    Attributes:
        requests: All of them, in order.
        is_cut: Whether no connection can be made.
        answered: Those whose answer arrived, with its status.
        secrets: Every token that came back.
        answer: Answers instead of the other side, where it returns a response.
        loses: Whether the answer to a request gets lost on its way back.
        spoil: What becomes of the answer to a refresh on its way back.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.is_cut = False
        self._pause: Pause | None = None
        self._is_paused: Callable[[httpx.Request], bool] = lambda _: False
        self.requests: list[httpx.Request] = []
        self.answered: list[tuple[httpx.Request, int]] = []
        self.secrets: set[str] = set()
        self.answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.loses: Callable[[httpx.Request], bool] = lambda _: False
        self.spoil: Callable[[httpx.Response], httpx.Response] = lambda response: response

    @property
    def redeemed(self) -> list[str]:
        """Refresh tokens, in the order in which they were sent."""
        return [form["refresh_token"] for form in self.forms("/token") if "refresh_token" in form]

    @property
    def paths(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(request.url.path for request in self.requests)

    def forms(self, path: str) -> list[dict[str, str]]:
        """Return the forms that were sent to a path."""
        return [
            {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
            for request in self.requests
            if request.url.path == path
        ]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        if self.is_cut:
            raise httpx.ConnectError("the wire is cut", request=request)
        await request.aread()
        self.requests.append(request)
        if self._pause is not None and self._is_paused(request):
            await self._pause.hold()
        response = self.answer(request) or await self.deliver(request)
        await response.aread()
        if self.loses(request):
            raise httpx.ReadError("the connection broke", request=request)
        self.answered.append((request, response.status_code))
        is_refresh = b"grant_type=refresh_token" in request.content
        return self.spoil(response) if is_refresh else response

    async def deliver(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on to the other side, and keep its answer from nobody yet."""
        await anyio.lowlevel.checkpoint()  # others run meanwhile, as over a network
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self._remember(response.content)
        await anyio.lowlevel.checkpoint()
        return response

    @asynccontextmanager
    async def cut(self) -> AsyncGenerator[None]:
        """Answer nothing while the context lasts."""
        self.is_cut = True
        try:
            yield
        finally:
            self.is_cut = False

    def paused_refresh(self) -> AbstractAsyncContextManager[Pause]:
        """Hold back refreshes until they are released."""
        return self._paused(lambda request: b"grant_type=refresh_token" in request.content)

    def paused(self, path: str) -> AbstractAsyncContextManager[Pause]:
        """Hold back all requests for a path until they are released."""
        return self._paused(lambda request: request.url.path == path)

    @asynccontextmanager
    async def _paused(self, which: Callable[[httpx.Request], bool]) -> AsyncGenerator[Pause]:
        pause, self._is_paused = Pause(), which
        self._pause = pause
        try:
            yield pause
        finally:
            self._pause = None
            pause.release()

    def hold_no_more(self) -> None:
        """Let further refreshes through, while one is held."""
        self._pause = None

    def _remember(self, body: bytes) -> None:
        members = read_json_object(body) or {}
        self.secrets |= {str(members[name]) for name in SECRET_MEMBERS if members.get(name)}
