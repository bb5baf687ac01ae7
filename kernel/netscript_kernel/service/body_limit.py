"""How large a request body may be, whether its length is announced or it comes in chunks."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.contracts import BAD_REQUEST, CONTENT_TOO_LARGE
from netscript_kernel.service.problems import ProblemError, problem_response


class BodyLimit:
    """Middleware: answers 413 at once where the announced length is too large, else while reading.

    Args:
        app: What comes next.
        limit: In bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

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
        await self._app(scope, self._counted(receive), send)

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
