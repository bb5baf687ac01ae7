"""Paths with control characters name nothing."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.contracts import NOT_FOUND
from netscript_kernel.service.problems import ProblemError, problem_response

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class PlainPaths:
    """Middleware: answers 404 where a control character was escaped into the path.

    Routes end in ``$``, which also matches before a newline at the end: ``/account%0a`` would be ``/account``
    here, and something else to whatever stands in front and decides by path who may come through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if _CONTROL.search(scope["path"]):
            await problem_response(ProblemError(NOT_FOUND))(scope, receive, send)
            return
        await self._app(scope, receive, send)
