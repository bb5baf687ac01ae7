"""How large a request body may be, and how long it may take to arrive.

Servers answer a limited number of requests at once: whoever may send bodies as slowly as they like keeps
everybody else out with a handful of bytes.
"""

import asyncio
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.contracts import BAD_REQUEST, CONTENT_TOO_LARGE, REQUEST_TIMEOUT
from netscript_kernel.service.problems import ProblemError, problem_response


class BodyLimit:
    """Middleware: answers 413 at once where the announced length is too large, else while reading.

    A body that has not arrived as a whole in time is answered with 408. The time counts from when the body is
    first asked for; a response may take as long as it likes.

    Args:
        app: What comes next.
        limit: In bytes.
        patience: How long the body may take.
    """

    def __init__(self, app: ASGIApp, limit: int, patience: timedelta) -> None:
        self._app = app
        self._limit = limit
        self._patience = patience.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let the body through piece by piece."""
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit():
            unreadable = ProblemError(BAD_REQUEST, detail="Content-Length is not a number")
            await problem_response(unreadable)(scope, receive, send)
            return
        if len(announced) > len(str(self._limit)) or int(announced) > self._limit:
            await problem_response(self._too_large())(scope, receive, send)
            return
        await self._app(scope, self._counted(self._timed(receive)), send)

    def _timed(self, receive: Receive) -> Receive:
        deadline: float | None = None
        has_arrived = False

        async def receive_in_time() -> Message:
            nonlocal deadline, has_arrived
            if has_arrived:
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self._patience
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(REQUEST_TIMEOUT.status) from None
            has_arrived = not message.get("more_body", False)
            return message

        return receive_in_time

    def _counted(self, receive: Receive) -> Receive:
        total = 0

        async def receive_counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._limit:
                # The web framework turns any other error of a body into 400.
                raise HTTPException(CONTENT_TOO_LARGE.status, detail=self._too_large().detail)
            return message

        return receive_counted

    def _too_large(self) -> ProblemError:
        return ProblemError(CONTENT_TOO_LARGE, detail=f"At most {self._limit} bytes are read here")
