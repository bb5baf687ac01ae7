"""The innermost middleware: whatever a route raises becomes one problem, and nothing inside leaks."""

import asyncio
import logging
from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.contracts import METHOD_NOT_ALLOWED
from netscript_kernel.service.error_mapping import ErrorMapping
from netscript_kernel.service.problems import ProblemError, problem_response

_log = logging.getLogger("netscript.service")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class ProblemAnswers:
    """Middleware: answers errors with problems.

    Args:
        app: The routes.
        mapping: Which problem an error is.
        routes: In order, to say which methods a path has.
    """

    def __init__(self, app: ASGIApp, mapping: ErrorMapping, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._mapping = mapping
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; an error after the response began is logged and ends the connection."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        asked = dict(scope)
        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if has_begun:
                _log.exception("a response broke off")
                raise
            problem = self._mapping.problem_of(error)
            if problem.spec is METHOD_NOT_ALLOWED:
                problem = self._with_methods(asked)
            await problem_response(problem)(scope, receive, watched)

    def _with_methods(self, scope: Scope) -> ProblemError:
        allowed = [method for method in _METHODS if self._offers({**scope, "method": method})]
        if "GET" in allowed:
            allowed.insert(1, "HEAD")
        return ProblemError(METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(allowed)})

    def _offers(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._routes)


class HeadAsGet:
    """Middleware: a HEAD request is answered as GET, without the body (RFC 9110 section 9.3.2).

    A body that goes on hears that nobody is there any more; one that ends by itself is not disturbed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as GET, and leave the body out."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        is_over = asyncio.Event()

        async def send_without_body(message: Message) -> None:
            if is_over.is_set():
                return
            if message["type"] == "http.response.body":
                if message.get("more_body", False):
                    is_over.set()
                message = {"type": message["type"], "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, _until(is_over, receive), send_without_body)


def _until(is_over: asyncio.Event, receive: Receive) -> Receive:
    async def receive_or_be_gone() -> Message:
        message, over = asyncio.ensure_future(receive()), asyncio.ensure_future(is_over.wait())
        try:
            await asyncio.wait((message, over), return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "http.disconnect"}
        finally:
            message.cancel()
            over.cancel()

    return receive_or_be_gone
