"""A built service: an ASGI application with a life of its own."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.contracts import UNAVAILABLE
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.service.health import HealthMonitor
from netscript_kernel.service.hosts import own_path
from netscript_kernel.service.hot import HotCount, HotFront
from netscript_kernel.service.lifecycle import Lifecycle
from netscript_kernel.service.openapi import ApiDocument
from netscript_kernel.service.problems import ProblemError

_log = logging.getLogger("netscript.service")


class Service:
    """An ASGI application; :func:`create_service` makes it.

    Run it alone and the server's lifespan starts and stops it. Mount ``service.app`` into another
    application, under any prefix, and call :meth:`start` and :meth:`stop` where that application starts and
    stops: most do not pass a lifespan on.
    """

    def __init__(
        self,
        chain: ASGIApp,
        hot: HotFront,
        *,
        lifecycle: Lifecycle,
        monitor: HealthMonitor,
        document: ApiDocument,
    ) -> None:
        self._chain = chain
        self._hot = hot
        self._lifecycle = lifecycle
        self._monitor = monitor
        self._document = document
        self._start_ended: Callable[[Exception | None], None] | None = None
        self._one_stop = asyncio.Lock()

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""
        return self

    @property
    def hot_counts(self) -> Mapping[str, HotCount]:
        """What hot routes have done since the start, by method and path."""
        return self._hot.counts

    @property
    def in_flight(self) -> int:
        """How many requests are being answered."""
        return self._lifecycle.in_flight

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, whether it is served or not."""
        return self._document.get()

    async def start(self) -> None:
        """Open the parts of the service, in order.

        Raises:
            RuntimeError: the service was started before.
        """
        await self._lifecycle.open()

    async def stop(self) -> None:
        """Stop gracefully: not ready any more, requests in flight are answered, parts close in reverse.

        Waits for requests no longer than ``ServiceSettings.drain_limit``. However often and by whomever it is
        called, there is one stop, and every caller returns when that has ended.
        """
        async with self._one_stop:
            if self._lifecycle.state == "closed":
                return
            await self.drain()
            await self._monitor.close()
            await self._lifecycle.close()

    def when_start_ends(self, tell: Callable[[Exception | None], None]) -> None:
        """Tell a server's entry why the start failed, or ``None`` for a good one.

        The lifespan protocol itself has only a text for that.
        """
        self._start_ended = tell

    async def drain(self) -> None:
        """Be ready no more, still answer, and return when nothing is in flight or the limit is reached."""
        await self._lifecycle.drain()

    async def draining(self) -> None:
        """Return when the service begins to stop: for streams, which would never end by themselves."""
        await self._lifecycle.draining()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: in front if its route is hot, through the main chain if not."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        lifecycle = self._lifecycle
        lifecycle.in_flight += 1
        try:
            entry = self._hot.find(scope) if lifecycle.is_serving else None
            if entry is None:
                await self._chain(scope, receive, send)
            else:
                await self._hot.answer(entry, scope, send)
        finally:
            lifecycle.in_flight -= 1
            if lifecycle.in_flight == 0 and lifecycle.state == "draining":
                lifecycle.nothing_in_flight()

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:  # noqa: BLE001 - the server is told, and ends
            await send({"type": "lifespan.startup.failed", "message": _told("start", error)})
            self._tell(error)
            return
        await send({"type": "lifespan.startup.complete"})
        self._tell(None)
        await receive()
        try:
            await self.stop()
        except Exception as error:  # noqa: BLE001 - the server is told, and ends
            await send({"type": "lifespan.shutdown.failed", "message": _told("stop", error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    def _tell(self, error: Exception | None) -> None:
        if self._start_ended is not None:
            self._start_ended(error)


class Gate:
    """Middleware: before the start and after the stop there is health, and nothing else."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or say that the service is not running."""
        if not self._lifecycle.is_serving and not own_path(scope).startswith("/health"):
            problem = "has not been started" if self._lifecycle.state == "new" else "is stopping"
            raise ProblemError(UNAVAILABLE, detail=f"The service {problem}", headers={"Retry-After": "1"})
        await self._app(scope, receive, send)


def _told(what: str, error: Exception) -> str:
    if isinstance(error, ConfigurationError):
        return f"the service did not {what}:\n{error}"
    _log.error("the service did not %s", what, exc_info=error)
    return f"the service did not {what}: {type(error).__name__}"
