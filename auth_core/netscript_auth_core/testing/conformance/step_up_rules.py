"""Sign-ins that have to prove that the person was there just now: nothing less lets anybody in."""

from datetime import datetime, timedelta

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import AuthSession, ProviderDescriptor
from netscript_auth_core.errors import InvalidInputError, OperationUnsupportedError
from netscript_auth_core.ports import SigninCompleted, SigninRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOT_PROVEN = (FlowReason.AUTH_TIME_TOO_OLD, FlowReason.AUTH_TIME_MISSING)
# A provider writes whole seconds.
SECOND = timedelta(seconds=1)


class StepUpRules:
    """What a backend whose providers prove nothing does is judged: it says so, and passes no wish over."""

    @requires(Capability.STEP_UP)
    @pytest.mark.parametrize("max_age", [timedelta(0), MINUTE, 720 * HOUR], ids=str)
    async def test_who_signs_in_again_is_let_in_and_the_session_says_when(
        self, subject: BackendUnderTest, max_age: timedelta
    ) -> None:
        """It stays said in every answer about the session."""
        browser = Browser(subject)

        completed = await _sign_in(browser, max_age)

        now = subject.clock.now()
        session = completed.issued.session
        assert now - SECOND <= _proven(session) <= now
        visitor = Visit(subject, browser.request, session, completed.issued.user)
        subject.clock.advance(MINUTE)
        identity = await visitor.expect_signed_in()
        assert identity.session.authenticated_at == session.authenticated_at
        assert (await _stored(visitor)).authenticated_at == session.authenticated_at

    @requires(Capability.STEP_UP)
    async def test_who_is_only_remembered_by_the_provider_is_refused(self, subject: BackendUnderTest) -> None:
        """Whoever was signed in stays so, by the session of before."""
        browser = Browser(subject)
        before = await browser.sign_in()
        started = await browser.start_at(_provider(subject).id, max_age=MINUTE)

        answer = await subject.remembered(started.redirect_url, "alice", HOUR)
        await browser.expect_refusal(answer, *NOT_PROVEN, provider_id=started.provider_id)

        visitor = Visit(subject, browser.request, before.issued.session, before.issued.user)
        identity = await visitor.expect_signed_in()
        assert identity.session.authenticated_at == before.issued.session.authenticated_at

    @requires(Capability.STEP_UP)
    async def test_who_is_remembered_from_within_the_age_is_let_in_with_the_time_of_then(
        self, subject: BackendUnderTest
    ) -> None:
        """A sign-in of now is not claimed."""
        browser = Browser(subject)
        started = await browser.start_at(_provider(subject).id, max_age=2 * HOUR)
        answer = await subject.remembered(started.redirect_url, "alice", HOUR)

        completed = await browser.call_back(answer, started.provider_id)

        then = subject.clock.now() - HOUR
        assert then - SECOND <= _proven(completed.issued.session) <= then

    @requires(Capability.STEP_UP)
    async def test_signing_in_again_takes_the_place_of_the_session_before(
        self, subject: BackendUnderTest
    ) -> None:
        """Whoever copied that cookie gains nothing."""
        browser = Browser(subject)
        before = await browser.sign_in()
        copied = Visit(subject, browser.request, before.issued.session, before.issued.user)

        completed = await _sign_in(browser, timedelta(0))

        await copied.expect_revoked()
        assert completed.issued.user.id == before.issued.user.id
        assert completed.issued.session.handle != before.issued.session.handle

    @requires(Capability.STEP_UP)
    async def test_a_provider_that_proves_nothing_refuses_the_wish(self, subject: BackendUnderTest) -> None:
        """One that is said to prove it takes it."""
        for provider in subject.backend.providers.list():
            wish = SigninRequest(provider.id, "/", max_age=MINUTE)
            if provider.step_up:
                assert (await subject.interactive.start(wish)).redirect_url
                continue
            with pytest.raises((InvalidInputError, OperationUnsupportedError)):
                await subject.interactive.start(wish)


def _provider(subject: BackendUnderTest) -> ProviderDescriptor:
    able = [each for each in subject.backend.providers.list() if each.step_up]
    assert able, f"{subject.backend.name} offers step_up, but none of its providers is said to prove it"
    return able[0]


async def _sign_in(browser: Browser, max_age: timedelta) -> SigninCompleted:
    started = await browser.start_at(_provider(browser.subject).id, max_age=max_age)
    return await browser.call_back(await browser.agree(started), started.provider_id)


def _proven(session: AuthSession) -> datetime:
    assert session.authenticated_at is not None, "the session does not say when the person was there"
    return session.authenticated_at


async def _stored(visitor: Visit) -> AuthSession:
    session = await visitor.subject.backend.sessions.get(visitor.handle)
    assert session is not None
    return session
