"""What cannot be found out is an error: nobody is signed out by an outage, and nobody is let in."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import Device
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser
from netscript_auth_core.testing.conformance.requirements import expect_unsupported, requires
from netscript_auth_core.testing.conformance.visits import Visit, pass_some_time, visit

SIGNIN = (Capability.SIGNIN, Capability.CALLBACK)

USES: dict[str, tuple[Capability | None, Callable[[Visit], Awaitable[object]]]] = {
    "get": (None, lambda one: one.subject.backend.sessions.get(one.handle)),
    "create": (
        Capability.CREATE_SESSIONS,
        lambda one: one.subject.backend.sessions.create(one.subject.provider.identity("bob"), Device()),
    ),
    "refresh": (Capability.REFRESH, lambda one: one.subject.backend.sessions.refresh(one.handle)),
    "revoke": (Capability.REVOKE, lambda one: one.subject.backend.sessions.revoke(one.handle)),
    "list": (Capability.LIST_SESSIONS, lambda one: one.subject.backend.sessions.list_for_user(one.user.id)),
    "revoke all": (
        Capability.REVOKE_ALL,
        lambda one: one.subject.backend.sessions.revoke_all_for_user(one.user.id),
    ),
}


class OutageRules:
    """The store is away, or the provider is."""

    async def test_without_the_store_nobody_is_called_anonymous(self, subject: BackendUnderTest) -> None:
        """Nor signed in; and afterwards everybody is who they were."""
        visitor = await visit(subject)

        async with subject.store_outage():
            await visitor.expect_unavailable()

        await visitor.expect_signed_in()

    @pytest.mark.parametrize("use", USES)
    async def test_without_the_store_nothing_is_known_or_done(
        self, subject: BackendUnderTest, use: str
    ) -> None:
        """Not there, false and zero are answers; an outage is none."""
        capability, ask = USES[use]
        if capability is not None and capability not in subject.backend.capabilities:
            await expect_unsupported(subject.backend, capability)
            return
        visitor = await visit(subject)

        async with subject.store_outage():
            visitor.pass_revocation_lag()
            with pytest.raises(BackendUnavailableError):
                await ask(visitor)

        await visitor.expect_signed_in()

    @requires(*SIGNIN)
    async def test_without_the_store_nobody_signs_in(self, subject: BackendUnderTest) -> None:
        """And the session that the browser has stays."""
        browser = Browser(subject)
        issued = (await browser.sign_in()).issued
        started = await browser.start()
        parameters = await browser.agree(started)

        async with subject.store_outage():
            with pytest.raises(BackendUnavailableError):
                await browser.call_back(parameters, started.provider_id)

        await Visit(subject, browser.request, issued.session, issued.user).expect_signed_in()

    @requires(*SIGNIN)
    async def test_a_sign_in_that_begins_in_an_outage_begins_or_says_why_not(
        self, subject: BackendUnderTest
    ) -> None:
        """What it needs may be cached. One that began can be finished later."""
        for away in (subject.store_outage, subject.provider.outage):
            browser, started = Browser(subject), None
            async with away():
                with suppress(BackendUnavailableError):
                    started = await browser.start()
            started = started or await browser.start()
            completed = await browser.call_back(await browser.agree(started), started.provider_id)
            assert completed.flow_id == started.cookie.flow_id

    @requires(*SIGNIN)
    async def test_without_the_provider_nobody_signs_in(self, subject: BackendUnderTest) -> None:
        """It is no refusal: who starts again later gets in."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = await browser.agree(started)

        async with subject.provider.outage():
            with pytest.raises(BackendUnavailableError):
                await browser.call_back(parameters, started.provider_id)

        assert (await browser.sign_in()).issued.token

    @requires(*SIGNIN)
    async def test_without_the_provider_sessions_answer(self, subject: BackendUnderTest) -> None:
        """At once, and until their own limits; where they are the upstream's, ``UpstreamRules`` judge."""
        if subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)

        async with subject.provider.outage():
            await visitor.expect_signed_in()
            await visitor.use_until(visitor.session.expires_at)
            await visitor.expect_signed_in()

    @requires(*SIGNIN, Capability.REVOKE)
    async def test_without_the_provider_sessions_can_be_ended(self, subject: BackendUnderTest) -> None:
        """Signing out waits for nobody upstream; where it keeps the sessions, ``UpstreamRules`` judge."""
        if subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)

        async with subject.provider.outage():
            assert await subject.backend.sessions.revoke(visitor.handle) is True
            await visitor.expect_revoked()

    async def test_health_follows_what_reads_need(self, subject: BackendUnderTest) -> None:
        """A service that cannot read gets no traffic; one without its provider does."""
        await subject.backend.check_health()

        async with subject.store_outage():
            with pytest.raises(BackendUnavailableError) as caught:
                await subject.backend.check_health()

        assert caught.value.backend == subject.backend.name
        assert caught.value.problem
        await subject.backend.check_health()

    @requires(*SIGNIN)
    async def test_without_the_provider_the_backend_is_healthy(self, subject: BackendUnderTest) -> None:
        """Sessions answer, so it is of use."""
        async with subject.provider.outage():
            await subject.backend.check_health()

        pass_some_time(await visit(subject))
        await subject.backend.check_health()
