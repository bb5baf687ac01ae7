"""DrainingBackend: the active backend, with earlier ones whose sessions are honoured until they end.

For everybody else it is the active backend: its name, its sign-in, its capabilities. A credential that it
does not know is shown to the earlier ones. Where it can issue sessions, one of an earlier backend is
exchanged for one of its own on first contact; a browser that signs in anew leaves its earlier session behind.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import AuthSession, Principal
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import (
    Anonymous,
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Outcome,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_plugin_auth.draining.exchanges import Exchanges
from netscript_plugin_auth.draining.marks import Marks
from netscript_plugin_auth.draining.sealed import joined_secrets
from netscript_plugin_auth.draining.sessions import DrainingSessions, is_kept_here
from netscript_plugin_auth.draining.signin import DrainingSignin
from netscript_plugin_auth.draining.signout import DrainingSignout
from netscript_plugin_auth.draining.upkeep import joined_upkeep


class DrainingBackend:
    """See the module.

    Args:
        active: The one that is chosen.
        earlier: Those that were, in the order in which they are asked.
        marks: What is remembered of their sessions.
        exchanges: Gives sessions of the active one for theirs; ``None`` where it can issue none.
        forget_cookie: ``Set-Cookie`` value that deletes our session cookie.
    """

    def __init__(
        self,
        active: AuthBackendPort,
        earlier: Sequence[AuthBackendPort],
        marks: Marks,
        exchanges: Exchanges | None,
        forget_cookie: str,
    ) -> None:
        self._active = active
        self._earlier = tuple(earlier)
        self._marks = marks
        self._exchanges = exchanges
        self._forget_cookie = forget_cookie
        # Handles at which nobody has to look again: they are over, or have given way.
        self._settled: set[str] = set()
        every = (active, *earlier)
        lag = max(each.capabilities.revocation_lag for each in every)
        self.name = active.name
        self.capabilities = replace(active.capabilities, revocation_lag=lag)
        self.providers = active.providers
        self.sessions = DrainingSessions(active, self._earlier, marks)
        self.tokens = DrainingTokens(active, self._earlier)
        self.principals = DrainingPrincipals(active, self._earlier)
        self.interactive = DrainingSignin(active.interactive, self._earlier) if active.interactive else None
        signs_out = Capability.REVOKE in self.capabilities and any(each.signout for each in every)
        self.signout = DrainingSignout(self.sessions) if signs_out else None
        self.upkeep = joined_upkeep(each.upkeep for each in every)
        self.sealed = joined_secrets(each.sealed for each in every)

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: the active backend first, then the earlier ones.

        While one cannot find out, no other is believed: the browser may have signed in anew there.
        """
        outcome = await self._active.authenticate(request)
        if isinstance(outcome, Authenticated):
            return await self._leave_behind(request, outcome)
        if not isinstance(outcome, Anonymous) or outcome.reason is AnonymousReason.COOKIE_AMBIGUOUS:
            return outcome
        for backend in self._earlier:
            earlier = await self._ask_earlier(backend, request)
            if not isinstance(earlier, Anonymous):
                return earlier
            if outcome.reason is AnonymousReason.NO_SESSION or earlier.reason in _MORE_TELLING:
                outcome = earlier if earlier.reason is not AnonymousReason.NO_SESSION else outcome
        return outcome

    async def start(self) -> None:
        """Start all."""
        for backend in (*self._earlier, self._active):
            await backend.start()

    async def check_health(self) -> None:
        """Return if the active backend can answer: without an earlier one, the service is still of use."""
        await self._active.check_health()

    async def aclose(self) -> None:
        """Close all, whatever each says."""
        async with AsyncExitStack() as stack:
            for backend in (self._active, *self._earlier):
                stack.push_async_callback(backend.aclose)

    async def _ask_earlier(self, backend: AuthBackendPort, request: AuthRequest) -> Outcome:
        handle = backend.tokens.recognise(request)
        if isinstance(handle, Anonymous):
            return handle
        mark = await self._marks.read(backend.name, handle)
        if mark is not None and self._exchanges is not None and mark.token is not None:
            return await self._exchanges.follow(mark.token)
        if mark is not None:
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        outcome = await backend.authenticate(request)
        if isinstance(outcome, Authenticated) and self._exchanges is not None:
            return await self._exchanges.exchange(backend, outcome)
        return outcome

    async def _leave_behind(self, request: AuthRequest, outcome: Authenticated) -> Authenticated:
        """End what the browser still has of an earlier backend: it has signed in anew."""
        cookies: tuple[str, ...] = ()
        for backend in self._earlier:
            handle = _recognised(backend, request)
            if handle is None or handle == outcome.identity.session.handle:
                continue
            if not is_kept_here(backend):
                await self._supersede(backend, handle, request)
            elif await backend.sessions.revoke(handle) and not is_kept_here(self._active):
                cookies = (self._forget_cookie,)
        if not cookies:
            return outcome
        return Authenticated(lambda: outcome.identity, outcome.views, (*outcome.cookies, *cookies))

    async def _supersede(self, backend: AuthBackendPort, handle: str, request: AuthRequest) -> None:
        """Let an upstream's session count for nothing here, if it is one: what is made up leaves no trace."""
        if handle in self._settled:
            return
        if await self._marks.read(backend.name, handle) is None:
            try:
                outcome = await backend.authenticate(request)
            except BackendUnavailableError:
                return  # the next request asks again
            if isinstance(outcome, Authenticated):
                await self._marks.supersede(backend.name, handle)
        if len(self._settled) >= _MOST_SETTLED:
            self._settled.clear()
        self._settled.add(handle)


def _recognised(backend: AuthBackendPort, request: AuthRequest) -> str | None:
    """Return the handle of what a request has of an earlier session; while nobody can tell, it has none."""
    try:
        handle = backend.tokens.recognise(request)
    except BackendUnavailableError:
        return None
    return handle if isinstance(handle, str) else None


_MOST_SETTLED = 10_000
_MORE_TELLING = frozenset({AnonymousReason.SESSION_EXPIRED, AnonymousReason.SESSION_REVOKED})


class DrainingTokens:
    """Session tokens of all."""

    def __init__(self, active: AuthBackendPort, earlier: Sequence[AuthBackendPort]) -> None:
        self._active = active
        self._earlier = earlier

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle by the first backend that recognises one."""
        found = self._active.tokens.recognise(request)
        if not isinstance(found, Anonymous) or found.reason is AnonymousReason.COOKIE_AMBIGUOUS:
            return found
        others = (backend.tokens.recognise(request) for backend in self._earlier)
        return next((each for each in others if isinstance(each, str)), found)


class DrainingPrincipals:
    """Principals, each by the backend that keeps the session."""

    def __init__(self, active: AuthBackendPort, earlier: Sequence[AuthBackendPort]) -> None:
        self._by_name = {backend.name: backend.principals for backend in (*earlier, active)}

    def principal(self, session: AuthSession) -> Principal:
        """Return the principal of an active session."""
        return self._by_name[session.backend].principal(session)
