"""The seam for tracing: a hook that is in the chain only where tracing is on.

Even a span that does nothing slows a hot request noticeably, so "off" means absent.
"""

from collections.abc import Callable
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.request_context import TRACE_IDS, TRACED, Traced, TraceIds


class RequestTrace(Traced, Protocol):
    """One request, as the tracing system sees it."""

    @property
    def ids(self) -> TraceIds:
        """Where the request stands in its trace."""
        ...

    def end(self, *, route: str | None, status: int, error: BaseException | None) -> None:
        """Take note of the outcome: called once, in the context that began it.

        Args:
            route: The route's template; ``None`` where there is no route.
            status: HTTP status, or 500 where no response began.
            error: What came out of the service, where it was not answered.
        """
        ...


class TraceHook(Protocol):
    """Begins a trace of each request; reads ``traceparent`` of the headers itself."""

    def __call__(self, scope: Scope) -> RequestTrace:
        """Begin, before the service looks at the request."""
        ...


class Tracing:
    """Middleware: lets a hook follow each request, and makes its ids known to logs and problems.

    Args:
        app: What comes next.
        hook: Begins a trace.
        name: Names the route of a request: gets the scope as the routes left it, and a copy from before.
    """

    def __init__(self, app: ASGIApp, hook: TraceHook, name: Callable[[Scope, Scope], str | None]) -> None:
        self._app = app
        self._hook = hook
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin, answer, end."""
        asked = dict(scope)
        trace = self._hook(scope)
        status = 500
        failure: BaseException | None = None

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        ids_before, traced_before = TRACE_IDS.set(trace.ids), TRACED.set(trace)
        try:
            await self._app(scope, receive, watched)
        except BaseException as error:
            failure = error
            raise
        finally:
            TRACE_IDS.reset(ids_before)
            TRACED.reset(traced_before)
            trace.end(route=self._name(scope, asked), status=status, error=failure)
