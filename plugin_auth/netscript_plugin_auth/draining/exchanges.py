"""Sessions of the active backend in the place of earlier ones."""

from collections.abc import Callable
from datetime import timedelta

from netscript_auth_core.domain import AuthSession, ExternalIdentity
from netscript_auth_core.ports import (
    Anonymous,
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Identity,
    Outcome,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.clock import Clock
from netscript_plugin_auth.draining.marks import Marks
from netscript_plugin_auth.draining.sessions import is_kept_here

WriteCookie = Callable[[str, timedelta], str]


class Exchanges:
    """Gives a browser a session of the active backend for the one that it has.

    From then on the earlier credential stands for the new session, in case the answer with the new cookie
    never arrived: it is handed out again, and is worth as much as the new session is, and no longer.

    Args:
        active: Offers ``create_sessions``.
        marks: Remember what was exchanged.
        write_cookie: Returns the ``Set-Cookie`` value of a session token with a lifetime.
    """

    def __init__(
        self, active: AuthBackendPort, marks: Marks, clock: Clock, write_cookie: WriteCookie
    ) -> None:
        self._active = active
        self._marks = marks
        self._clock = clock
        self._write_cookie = write_cookie

    async def exchange(self, backend: AuthBackendPort, outcome: Authenticated) -> Outcome:
        """Answer for a session of an earlier backend with a new one of the same person.

        A person without an account by which the active backend could know them keeps the session.
        """
        earlier = outcome.identity
        identity = _identity_of(earlier)
        if identity is None:
            return outcome
        issued = await self._active.sessions.create(identity, earlier.session.device)
        if issued.user.id != earlier.user.id:
            # The account has been given to somebody else meanwhile: whose the session is does not change.
            await self._active.sessions.revoke(issued.session.handle)
            return outcome
        if not await self._marks.exchange(backend.name, earlier.session.handle, issued):
            await self._active.sessions.revoke(issued.session.handle)
            return await self._as_exchanged(backend, earlier.session.handle)
        if is_kept_here(backend):
            await backend.sessions.revoke(earlier.session.handle)
        identity_now = Identity(issued.session, issued.user)
        cookie = self._cookie(issued.token, issued.session)
        return Authenticated(lambda: identity_now, cookies=(*outcome.cookies, cookie))

    async def follow(self, token: str) -> Outcome:
        """Answer for an earlier credential as for the session that took its place, with its cookie."""
        outcome = await self._active.authenticate(AuthRequest(session_tokens=(token,)))
        if not isinstance(outcome, Authenticated):
            return outcome
        cookies = (*outcome.cookies, self._cookie(token, outcome.identity.session))
        return Authenticated(lambda: outcome.identity, outcome.views, cookies)

    def _cookie(self, token: str, session: AuthSession) -> str:
        return self._write_cookie(token, session.expires_at - self._clock.now())

    async def _as_exchanged(self, backend: AuthBackendPort, handle: str) -> Outcome:
        """Answer as somebody else's exchange, which was quicker, says."""
        mark = await self._marks.read(backend.name, handle)
        if mark is None or mark.token is None:
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        return await self.follow(mark.token)


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
