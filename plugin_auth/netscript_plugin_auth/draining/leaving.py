"""What becomes of an earlier session in a browser that has signed in anew."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import AuthBackendPort, Authenticated, AuthRequest
from netscript_plugin_auth.draining.credentials import handle_in_a_cookie
from netscript_plugin_auth.draining.marks import Marks
from netscript_plugin_auth.draining.sessions import is_kept_here

_log = logging.getLogger("netscript.auth")

_LEFT: Final = "a session of the drained backend %s is over: its browser has signed in anew by %s"
_MOST_SETTLED: Final = 10_000

ForgetSession = Callable[[AuthRequest], Sequence[str]]


class Leaving:
    """Ends earlier sessions of browsers that have another one. No earlier backend keeps anybody out.

    Args:
        active: The one by which they have signed in.
        earlier: Those whose sessions they may still have.
        marks: Let an upstream's session count for nothing here.
        forget_session: Returns the ``Set-Cookie`` values that delete our session cookie, for a request.
    """

    def __init__(
        self,
        active: AuthBackendPort,
        earlier: Sequence[AuthBackendPort],
        marks: Marks,
        forget_session: ForgetSession,
    ) -> None:
        self._active = active
        self._earlier = tuple(earlier)
        self._marks = marks
        self._forget_session = forget_session
        # At these nobody has to look again: they are over, or have given way.
        self._settled: set[tuple[str, str]] = set()

    async def leave(self, request: AuthRequest, outcome: Authenticated) -> tuple[str, ...]:
        """End what the browser has of earlier backends; returns ``Set-Cookie`` values for it.

        What cannot be ended now is tried again with the next request.
        """
        cookies: tuple[str, ...] = ()
        for backend in self._earlier:
            try:
                handle = handle_in_a_cookie(backend, request)
                if handle is None or (backend.name, handle) in self._settled:
                    continue
                if handle == outcome.identity.session.handle:
                    continue
                if is_kept_here(backend):
                    cookies += await self._give_way(backend, handle, request, outcome)
                else:
                    await self._supersede(backend, handle, request)
            except BackendUnavailableError:
                continue
            self._settle(backend.name, handle)
        return cookies

    async def replace(self, tokens: Sequence[str], by: str) -> None:
        """End the sessions of earlier backends that tokens in our cookie name: a sign-in replaces the cookie.

        Args:
            tokens: What the browser had.
            by: Handle of the session that it has now.
        """
        for backend in filter(is_kept_here, self._earlier):
            for token in tokens:
                handle = backend.tokens.recognise(AuthRequest(session_tokens=(token,)))
                if isinstance(handle, str) and handle != by:
                    await self.end(backend, handle)

    async def end(self, backend: AuthBackendPort, handle: str) -> bool:
        """End a session that is kept here, and say whether it was active, as far as that is known.

        Raises:
            BackendUnavailableError: the store did not answer.
        """
        try:
            was_active = await backend.sessions.revoke(handle)
        except BackendUnavailableError:
            # Its upstream is away, and would have to be told; here it counts for nothing from now on.
            await self._marks.supersede(backend.name, handle)
            was_active = True
        if was_active:
            _log.info(_LEFT, backend.name, self._active.name)
        return was_active

    async def _give_way(
        self, backend: AuthBackendPort, handle: str, request: AuthRequest, outcome: Authenticated
    ) -> tuple[str, ...]:
        if not await self.end(backend, handle) or is_kept_here(self._active):
            return ()  # our cookie is the active backend's by now
        # After swapping back: what once was exchanged for this session is over, and it counts again.
        await self._marks.forget(self._active.name, outcome.identity.session.handle)
        return tuple(self._forget_session(request))

    async def _supersede(self, backend: AuthBackendPort, handle: str, request: AuthRequest) -> None:
        """Let an upstream's session count for nothing here, if it is one: what is made up leaves no trace."""
        if await self._marks.read(backend.name, handle) is not None:
            return
        if isinstance(await backend.authenticate(request), Authenticated):
            await self._marks.supersede(backend.name, handle)
            _log.info(_LEFT, backend.name, self._active.name)

    def _settle(self, backend: str, handle: str) -> None:
        if len(self._settled) >= _MOST_SETTLED:
            self._settled.clear()
        self._settled.add((backend, handle))
