"""The seam for metrics: what watches is in the chain only where there are metrics."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RequestWatch(Protocol):
    """Takes note of each request that was answered."""

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Take note; returns at once.

        Args:
            method: As asked.
            route: The route's template; ``None`` where there is no route.
            status: HTTP status, or 500 where no response began.
            seconds: How long it took.
        """
        ...


class ReadableMetrics(RequestWatch, Protocol):
    """A watch that can be asked what it has seen."""

    @property
    def route(self) -> BaseRoute:
        """Where it is asked."""
        ...


class Watching:
    """Middleware: tells a watch of each request, when the response is complete or has failed.

    Args:
        app: What comes next.
        watch: Is told.
        name: Names the route of a request: gets the scope as the routes left it, and a copy from before.
    """

    def __init__(self, app: ASGIApp, watch: RequestWatch, name: Callable[[Scope, Scope], str | None]) -> None:
        self._app = app
        self._watch = watch
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then tell."""
        begun = perf_counter()
        asked = dict(scope)
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._watch.answered(asked["method"], self._name(scope, asked), status, perf_counter() - begun)
