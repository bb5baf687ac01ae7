"""One line for each request: what was asked, how it ended, how long it took. No query, cookie or body."""

import logging
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.service.route_names import RouteNames
from netscript_kernel.service.watching import answer_and_tell

_log = logging.getLogger("netscript.access")


class AccessLog:
    """Middleware: writes the line when the response is complete, or has failed."""

    def __init__(self, app: ASGIApp, names: RouteNames) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then write the line."""

        def tell(asked: Scope, status: int, begun: float) -> None:
            write_line(asked["method"], self._names.of(scope, asked), status, begun)

        await answer_and_tell(self._app, scope, receive, send, tell)


def write_line(method: str, route: str, status: int, begun: float) -> None:
    """Write the line of one request.

    Args:
        method: As asked.
        route: The route's template, or the path where there is no route.
        status: HTTP status.
        begun: ``perf_counter()`` when the request arrived.
    """
    milliseconds = round((perf_counter() - begun) * 1000, 2)
    fields = {"method": method, "route": route, "status": status, "ms": milliseconds}
    _log.info("request", extra=fields)
