"""Every request has an id: the caller's, if it is a sane one, else a new one. Every response repeats it."""

import os

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.request_context import REQUEST_ID

_HEADER = b"x-request-id"
_SHORTEST, _LONGEST = 8, 64
_ALLOWED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_BYTES = 12
_BATCH = 256

# Made in batches: asking the system for random bytes gives the interpreter's lock away, which costs a request
# on a server with threads of its own more than everything else a hot route does.
_made: list[bytes] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_made.clear)


def request_id_from(given: bytes | None) -> bytes:
    """Return the caller's id if it is 8 to 64 characters of ``[A-Za-z0-9_-]``, else 96 new random bits."""
    if given is not None and _SHORTEST <= len(given) <= _LONGEST and _ALLOWED.issuperset(given):
        return given
    try:
        return _made.pop()
    except IndexError:
        return _make()


def _make() -> bytes:
    digits = os.urandom(_BYTES * _BATCH).hex().encode()
    width = 2 * _BYTES
    first, *rest = (digits[at : at + width] for at in range(0, len(digits), width))
    _made.extend(rest)
    return first


class RequestIds:
    """Middleware: names the request for logs, problems and calls to other services."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the id for as long as the request is worked on."""
        given = next((value for name, value in scope["headers"] if name == _HEADER), None)
        request_id = request_id_from(given)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [header for header in message.get("headers", ()) if header[0] != _HEADER]
                message["headers"] = [*kept, (_HEADER, request_id)]
            await send(message)

        token = REQUEST_ID.set(request_id.decode())
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            REQUEST_ID.reset(token)
