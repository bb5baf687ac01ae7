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

        def tell(asked: Scope, status: int, begun: float) -> None:
            self._watch.answered(asked["method"], self._name(scope, asked), status, perf_counter() - begun)

        await answer_and_tell(self._app, scope, receive, send, tell)


async def answer_and_tell(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, tell: Callable[[Scope, int, float], None]
) -> None:
    """Let an application answer, and tell of it when the response is complete or has failed.

    Args:
        app: Answers.
        scope: Of the request.
        receive: Of the request.
        send: Of the request.
        tell: Gets the scope as it was before, the status (500 where no response began), and when it began by
            ``perf_counter()``.
    """
    begun = perf_counter()
    asked = dict(scope)
    status = 500

    async def watched(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    try:
        await app(scope, receive, watched)
    finally:
        tell(asked, status, begun)
