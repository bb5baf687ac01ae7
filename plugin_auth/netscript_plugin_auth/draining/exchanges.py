"""Sessions of the active backend in the place of earlier ones."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_core.domain import AuthSession, ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.events import AuthEvent, EventName, EventSink
from netscript_auth_core.ports import (
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Identity,
    Outcome,
)
from netscript_kernel.clock import Clock
from netscript_kernel.request_context import REQUEST_ID
from netscript_plugin_auth.draining.marks import Mark, Marks
from netscript_plugin_auth.draining.outcomes import with_cookies
from netscript_plugin_auth.draining.sessions import is_kept_here

LeaveSession = Callable[[str, timedelta, AuthRequest], Sequence[str]]


class Exchanges:
    """Gives a browser a session of the active backend for the one that it has.

    From then on the earlier credential stands for the new session, in case the answer with the new cookie
    never arrived: it is handed out again, and is worth as much as the new session is, and no longer.

    Args:
        active: Offers ``create_sessions``.
        marks: Remember what was exchanged.
        clock: Says when.
        leave_session: Returns the ``Set-Cookie`` values of a session token with a lifetime, for a request.
        background: Where it is done.
        events: Is told of each exchange.
    """

    def __init__(
        self,
        active: AuthBackendPort,
        marks: Marks,
        clock: Clock,
        leave_session: LeaveSession,
        background: Background,
        events: EventSink,
    ) -> None:
        self._active = active
        self._marks = marks
        self._clock = clock
        self._leave_session = leave_session
        self._events = events
        self._under_way: SingleFlight[Mark | None] = SingleFlight(background)

    async def exchange(self, backend: AuthBackendPort, earlier: Identity) -> Mark | None:
        """Give a session of the active backend for one of an earlier backend; return what leads to it.

        ``None`` for a person without an account by which the active backend could know them. Requests at the
        same time get the same session, and who goes away finds it the next time.
        """
        key = f"{backend.name} {earlier.session.handle}"
        return await self._under_way.run(key, lambda: self._exchange(backend, earlier))

    async def follow(self, token: str, request: AuthRequest) -> Outcome:
        """Answer for an earlier credential as for the session that took its place, with its cookie."""
        outcome = await self._active.authenticate(AuthRequest(session_tokens=(token,)))
        if not isinstance(outcome, Authenticated):
            return outcome
        session = outcome.identity.session
        lifetime = session.expires_at - self._clock.now()
        return with_cookies(outcome, tuple(self._leave_session(token, lifetime, request)))

    async def _exchange(self, backend: AuthBackendPort, earlier: Identity) -> Mark | None:
        identity = _identity_of(earlier)
        if identity is None:
            return None
        # Nobody signs in by an exchange.
        issued = await self._active.sessions.create(
            identity, earlier.session.device, authenticated_at=earlier.session.authenticated_at
        )
        if issued.user.id != earlier.user.id:
            # The account has been given to somebody else meanwhile: whose the session is does not change.
            await self._active.sessions.revoke(issued.session.handle)
            return None
        if not await self._marks.exchange(
            backend.name, earlier.session, issued, is_final=is_kept_here(backend)
        ):
            # Another instance was quicker.
            await self._active.sessions.revoke(issued.session.handle)
            return await self._marks.read(backend.name, earlier.session.handle)
        self._tell(backend.name, issued.session)
        if is_kept_here(backend):
            await self._leave(backend, earlier.session.handle)
        return Mark(issued.session.handle, issued.token)

    def _tell(self, earlier: str, session: AuthSession) -> None:
        event = AuthEvent(
            EventName.SESSION_EXCHANGED,
            self._clock.now(),
            self._active.name,
            session.provider_id,
            request_id=REQUEST_ID.get(),
            detail=earlier,
            user_id=session.user_id,
            handle=session.handle,
        )
        self._events.emit(event)

    async def _leave(self, backend: AuthBackendPort, handle: str) -> None:
        with suppress(BackendUnavailableError):  # the mark lets it count for nothing, whoever was not told
            await backend.sessions.revoke(handle)


def _identity_of(earlier: Identity) -> ExternalIdentity | None:
    """Return the account through which the person signed in, else any."""
    accounts = earlier.user.accounts
    same = [each for each in accounts if each.provider_id == earlier.session.provider_id]
    account = next(iter([*same, *accounts]), None)
    if account is None:
        return None
    return ExternalIdentity(
        issuer=account.issuer,
        subject=account.subject,
        provider_id=account.provider_id,
        email=account.email,
        email_verified=account.email_verified,
        name=earlier.user.name,
        picture=earlier.user.picture,
    )
