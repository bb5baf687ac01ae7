"""The ASGI middleware: finds out who calls before the application sees the request."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Final

from netscript_auth_client.asgi import ASGIApp, Message, Receive, Scope, Send
from netscript_auth_client.authority import Authority
from netscript_auth_client.caller import Denied, Nobody, Outcome
from netscript_auth_client.lifespan import live
from netscript_auth_client.public_paths import PublicPaths
from netscript_auth_client.refusals import RefusedError, for_denied, for_nobody
from netscript_auth_client.turning_away import turn_away
from netscript_auth_client.visit import Visit

_BEGINNINGS: Final = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_NO_STORE: Final = (b"cache-control", b"no-store")
_REQUESTS: Final = frozenset({"http", "websocket"})


class AuthMiddleware:
    """Lets requests and websockets of signed-in people in, and turns all others away.

    Everything is closed but what ``public`` names. ``principal_of(scope)`` and ``request.state.principal``
    tell who it is. An answer that takes a renewed cookie along is sent with ``Cache-Control: no-store``,
    whatever the application says of caching it.

    Args:
        app: Any ASGI application.
        authority: Finds out. It is started and closed with the application's lifespan.
        public: Paths that are open to everybody, exactly; ``/assets/*`` is all below ``/assets/``. Nobody is
            asked there who calls.
        allow_nobody: Let those pass elsewhere too who are not signed in; the application sees to it then.

    Raises:
        ValueError: one of ``public`` is no such path.
    """

    def __init__(
        self, app: ASGIApp, authority: Authority, *, public: Iterable[str] = (), allow_nobody: bool = False
    ) -> None:
        self._app = app
        self._authority = authority
        self._public = PublicPaths(public)
        self._allows_nobody = allow_nobody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "lifespan":
            await live(self._authority, self._app, scope, receive, send)
            return
        if scope["type"] not in _REQUESTS:
            raise ValueError("a kind of ASGI scope that is not known, so nobody can be let in")
        visit, has_begun = Visit(self._authority, scope), False

        def watched(message: Message) -> Awaitable[None]:
            nonlocal has_begun
            if not has_begun and message["type"] in _BEGINNINGS:
                has_begun = True
                if visit.outcome is not None and visit.outcome.cookies:
                    message = _with_cookies(message, visit.outcome.cookies)
            return send(message)

        try:
            if not self._public.include(scope):
                self._admit(await visit.ask())
            await self._app(scope, receive, watched)
        except RefusedError as error:
            if has_begun:
                raise
            await turn_away(error.refusal, scope, watched)

    def _admit(self, outcome: Outcome) -> None:
        """Return if the request may pass.

        Raises:
            RefusedError: it may not.
        """
        if isinstance(outcome, Denied):
            raise RefusedError(for_denied(outcome))
        if isinstance(outcome, Nobody) and not self._allows_nobody:
            raise RefusedError(for_nobody(outcome))


def _with_cookies(message: Message, cookies: Sequence[str]) -> Message:
    """Add cookies, and keep them out of every cache: another person could get what is kept there."""
    kept = [header for header in message.get("headers") or () if not _rules_caches(header[0])]
    lines = [(b"set-cookie", line.encode("latin-1")) for line in cookies]
    return {**message, "headers": [*kept, _NO_STORE, *lines]}


def _rules_caches(name: bytes) -> bool:
    """Whether a header tells caches what to keep, those of one kind included (RFC 9213)."""
    lower = name.lower()
    return lower == b"surrogate-control" or lower.endswith(b"cache-control")
