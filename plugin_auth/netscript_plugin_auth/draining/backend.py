"""DrainingBackend: the active backend, with earlier ones whose sessions are honoured until they end.

For everybody else it is the active backend: its name, its sign-in, its capabilities. A credential that it
does not know is shown to the earlier ones. Where it can issue sessions, one that a browser has of an earlier
backend is exchanged for one of its own; a browser that signs in anew leaves its earlier session behind.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import (
    Anonymous,
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Outcome,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_plugin_auth.draining.credentials import DrainingTokens, handle_in_a_cookie
from netscript_plugin_auth.draining.exchanges import Exchanges
from netscript_plugin_auth.draining.leaving import Leaving
from netscript_plugin_auth.draining.marks import Mark, Marks
from netscript_plugin_auth.draining.outcomes import most_telling, with_cookies
from netscript_plugin_auth.draining.principals import DrainingPrincipals
from netscript_plugin_auth.draining.sessions import DrainingSessions, is_kept_here
from netscript_plugin_auth.draining.signin import DrainingSignin
from netscript_plugin_auth.draining.signout import DrainingSignout
from netscript_plugin_auth.draining.upstream_logout import (
    joined_upstream_logout,
    with_upstream_logout,
)
from netscript_plugin_auth.joined_secrets import joined_secrets
from netscript_plugin_auth.joined_upkeep import joined_upkeep

_REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)


class DrainingBackend:
    """Answers for the active backend and for the earlier ones, as if they were one.

    Args:
        active: The one that is chosen.
        earlier: Those that were, in the order in which they are asked.
        marks: What is remembered of their sessions.
        exchanges: Gives sessions of the active one for theirs; ``None`` where it can issue none.
        leaving: Ends what a browser has of earlier ones once it has signed in anew.
        background: Where exchanges are made; waited for at the end.
    """

    def __init__(
        self,
        active: AuthBackendPort,
        earlier: Sequence[AuthBackendPort],
        marks: Marks,
        exchanges: Exchanges | None,
        leaving: Leaving,
        background: Background,
    ) -> None:
        self._active = active
        self.earlier = tuple(earlier)
        self._marks = marks
        self._exchanges = exchanges
        self._leaving = leaving
        self._background = background
        # A session that is kept here ended with its mark, unless an upstream was to be told and could not.
        self._may_be_marked = not is_kept_here(active) or active.capabilities.needs_upstream
        every = (active, *earlier)
        lag = max(each.capabilities.revocation_lag for each in every)
        self.name = active.name
        self.capabilities = replace(active.capabilities, revocation_lag=lag)
        self.upstream_logout = joined_upstream_logout(every)
        if self.upstream_logout is not None:
            self.capabilities = with_upstream_logout(self.capabilities)
        self.providers = active.providers
        self.sessions = DrainingSessions(active, self.earlier, marks)
        self.tokens = DrainingTokens(active, self.earlier)
        self.principals = DrainingPrincipals(active, self.earlier)
        self.interactive = DrainingSignin(active.interactive, leaving) if active.interactive else None
        signs_out = Capability.REVOKE in self.capabilities and any(each.signout for each in every)
        self.signout = DrainingSignout(self.sessions) if signs_out else None
        self.upkeep = joined_upkeep(each.upkeep for each in every)
        sealed = [each.sealed for each in every]
        self.sealed = joined_secrets([*sealed, marks]) if any(sealed) else None

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: the active backend first, then the earlier ones.

        While one cannot find out, no other is believed: the browser may have signed in anew there.
        """
        outcome = await self._ask_active(request)
        if isinstance(outcome, Authenticated):
            return with_cookies(outcome, await self._leaving.leave(request, outcome))
        if not isinstance(outcome, Anonymous) or outcome.reason is AnonymousReason.COOKIE_AMBIGUOUS:
            return outcome
        answers = [outcome]
        for backend in self.earlier:
            earlier = await self._ask_earlier(backend, request)
            if not isinstance(earlier, Anonymous):
                return earlier
            answers.append(earlier)
        return most_telling(answers)

    async def start(self) -> None:
        """Start all."""
        for backend in (*self.earlier, self._active):
            await backend.start()

    async def check_health(self) -> None:
        """Return if the active backend can answer: without an earlier one, the service is still of use."""
        await self._active.check_health()

    async def aclose(self) -> None:
        """Close all, whatever each says."""
        async with AsyncExitStack() as stack:
            for backend in (self._active, *self.earlier):
                stack.push_async_callback(backend.aclose)
            stack.push_async_callback(self._background.drain)

    async def _ask_active(self, request: AuthRequest) -> Outcome:
        """Ask the active backend, which may have been an earlier one before, and an upstream's since."""
        outcome = await self._active.authenticate(request)
        if not isinstance(outcome, Authenticated) or not self._may_be_marked:
            return outcome
        mark = await self._marks.read(self.name, outcome.identity.session.handle)
        if mark is None or (mark.handle is not None and not await self._was_revoked(mark.handle)):
            return outcome
        return Anonymous(AnonymousReason.SESSION_REVOKED, outcome.cookies)

    async def _was_revoked(self, handle: str) -> bool:
        """Whether the session for which one of the active backend's was once exchanged has been ended."""
        found = [await backend.sessions.get(handle) for backend in self.earlier]
        return any(session is not None and session.state is SessionState.REVOKED for session in found)

    async def _ask_earlier(self, backend: AuthBackendPort, request: AuthRequest) -> Outcome:
        handle = backend.tokens.recognise(request)
        if isinstance(handle, Anonymous):
            return handle
        if is_kept_here(backend):
            # Who knows a token of ours has the session, which ended when it was exchanged.
            mark = await self._marks.read(backend.name, handle)
            if mark is not None:
                return await self._follow(mark, request)
        outcome = await backend.authenticate(request)
        if not isinstance(outcome, Authenticated) or is_kept_here(backend):
            return await self._exchanged(backend, request, outcome)
        # To recognise an upstream's credential is not to accept it: it may have run out.
        mark = await self._marks.read(backend.name, outcome.identity.session.handle)
        if mark is not None:
            return with_cookies(await self._follow(mark, request), outcome.cookies)
        return await self._exchanged(backend, request, outcome)

    async def _exchanged(self, backend: AuthBackendPort, request: AuthRequest, outcome: Outcome) -> Outcome:
        """Answer with a session of the active backend, where a browser can be given one."""
        if not isinstance(outcome, Authenticated) or self._exchanges is None:
            return outcome
        if handle_in_a_cookie(backend, request) != outcome.identity.session.handle:
            return outcome
        mark = await self._exchanges.exchange(backend, outcome.identity)
        return outcome if mark is None else with_cookies(await self._follow(mark, request), outcome.cookies)

    async def _follow(self, mark: Mark, request: AuthRequest) -> Outcome:
        if mark.token is None or self._exchanges is None:
            return _REVOKED
        return await self._exchanges.follow(mark.token, request)
