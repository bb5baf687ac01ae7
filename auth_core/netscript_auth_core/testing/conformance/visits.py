"""Somebody who is signed in, however the backend under test comes by its sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import AuthSession, AuthUser, Device, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Identity, ended_at
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest, SubjectIncompleteError
from netscript_auth_core.testing.conformance.browser import Browser
from netscript_auth_core.testing.conformance.upstream_cookies import with_cookies


@dataclass(slots=True)
class Visit:
    """A signed-in person.

    Attributes:
        request: Carries the credential; where the backend renews one of the upstream's, the newest.
        session: As it was at the beginning.
    """

    subject: BackendUnderTest
    request: AuthRequest = field(repr=False)
    session: AuthSession
    user: AuthUser

    @property
    def handle(self) -> str:
        """The handle of the session."""
        return self.session.handle

    @property
    def expired_from(self) -> datetime:
        """From when on the session has expired, if nobody uses it."""
        return ended_at(self.session) + self.subject.last_instant

    def pass_revocation_lag(self) -> None:
        """Move on by the declared lag, or to just before the end of a session that lives no longer."""
        clock, lag = self.subject.clock, self.subject.backend.capabilities.revocation_lag
        clock.set(min(clock.now() + lag, ended_at(self.session) - timedelta(seconds=1)))

    async def expect_signed_in(self) -> Identity:
        """Judge that the session is active, whichever way one asks, and return who it is."""
        outcome = await self.subject.backend.authenticate(self.request)
        assert isinstance(outcome, Authenticated), f"{outcome} where {self.user.id} is signed in"
        self.request = with_cookies(self.request, outcome.cookies)
        identity = outcome.identity
        assert identity.session.handle == self.handle
        assert identity.user.id == self.user.id
        await self.subject.settle()
        session = await self.subject.backend.sessions.get(self.handle)
        assert session is not None
        assert session.state is SessionState.ACTIVE
        return identity

    async def expect_revoked(self) -> None:
        """Judge that somebody ended the session, once the declared lag has passed."""
        self.subject.pass_revocation_lag()
        await self._expect_ended(AnonymousReason.SESSION_REVOKED)

    async def expect_expired(self) -> None:
        """Judge that time ended the session: for that there is no lag."""
        await self._expect_ended(AnonymousReason.SESSION_EXPIRED)

    async def expect_unavailable(self) -> None:
        """Judge that who this is cannot be found out, which is an error and never an anonymous answer."""
        self.pass_revocation_lag()
        with pytest.raises(BackendUnavailableError):
            await self.subject.backend.authenticate(self.request)

    async def use_until(self, until: datetime) -> None:
        """Be active, often enough not to be idle, and stop at an instant, or just before it."""
        clock = self.subject.clock
        step = max((ended_at(self.session) - self.session.created_at) / 2, timedelta(seconds=1))
        while clock.now() + step < until:
            clock.advance(step)
            await self.expect_signed_in()

    async def _expect_ended(self, reason: AnonymousReason) -> None:
        """Judge that nobody is let in any more, whichever way one asks.

        A backend may have forgotten a session that has ended, so ``session_unknown`` always fits.
        """
        outcome = await self.subject.backend.authenticate(self.request)
        assert isinstance(outcome, Anonymous), "a session that has ended still lets somebody in"
        assert outcome.reason in (reason, AnonymousReason.SESSION_UNKNOWN)
        session = await self.subject.backend.sessions.get(self.handle)
        assert session is None or session.state is not SessionState.ACTIVE


async def visit(subject: BackendUnderTest, person: str = "alice") -> Visit:
    """Sign a person in: through us, else by ``create``, else by the upstream."""
    request = await _credential(subject, person)
    outcome = await subject.backend.authenticate(request)
    assert isinstance(outcome, Authenticated), f"{outcome} right after {person} signed in"
    identity = outcome.identity
    await subject.settle()
    return Visit(subject, request, identity.session, identity.user)


def pass_some_time(visitor: Visit) -> None:
    """Move on by an hour, or by less where sessions are short: nothing ends by it."""
    whole = ended_at(visitor.session) - visitor.session.created_at
    visitor.subject.clock.advance(min(timedelta(hours=1), whole / 4))


async def _credential(subject: BackendUnderTest, person: str) -> AuthRequest:
    offered = subject.backend.capabilities.offered
    if Capability.CALLBACK in offered:
        browser = Browser(subject, person)
        await browser.sign_in()
        return browser.request
    if Capability.CREATE_SESSIONS in offered:
        issued = await subject.backend.sessions.create(subject.provider.identity(person), Device())
        return AuthRequest(session_tokens=(issued.token,))
    if subject.upstream_session is None:
        why = "neither signin nor create_sessions is offered, so only the upstream can sign people in"
        raise SubjectIncompleteError("upstream_session", why)
    return await subject.upstream_session(person)
