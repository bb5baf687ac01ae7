"""Signing out together with the upstream: it ends here at once, and there as soon as it answers."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import expect_unsupported, requires
from netscript_auth_core.testing.conformance.visits import Visit, pass_some_time, visit
from netscript_auth_core.testing.conformance.witness import Witness

RETURN_TO = "https://auth.invalid/signed-out"
STATE = "a-state-that-only-this-browser-has"
# So often, and so long after one another, an upstream is asked again in these rules.
ROUNDS, PAUSE = 4, timedelta(minutes=10)


class SignoutRules:
    """What a backend without this part does is judged by the rules of revoking alone."""

    async def test_signing_out_ends_the_session_for_good(self, subject: BackendUnderTest) -> None:
        """A copied cookie is worth nothing, now and later."""
        if subject.backend.signout is None:
            return
        visitor = await visit(subject)

        signed_out = await _sign_out(visitor)

        assert signed_out.ended == 1
        await visitor.expect_revoked()
        pass_some_time(visitor)
        await visitor.expect_revoked()

    async def test_signing_out_ends_no_other_session(self, subject: BackendUnderTest) -> None:
        """Neither the person's own on another device nor somebody else's."""
        if subject.backend.signout is None:
            return
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")

        await _sign_out(here)

        for other in (there, bob):
            await other.expect_signed_in()
            pass_some_time(other)
            if Capability.REFRESH in subject.backend.capabilities:
                await subject.backend.sessions.refresh(other.handle)

    async def test_signing_out_everywhere_ends_all_of_a_persons_sessions(
        self, subject: BackendUnderTest
    ) -> None:
        """And nobody else's."""
        if subject.backend.signout is None:
            return
        if Capability.REVOKE_ALL not in subject.backend.capabilities:
            await expect_unsupported(subject.backend, Capability.REVOKE_ALL)
            return
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")

        signed_out = await _sign_out(here, everywhere=True)

        assert signed_out.ended == 2
        await here.expect_revoked()
        await there.expect_revoked()
        await bob.expect_signed_in()

    async def test_signing_out_of_what_has_ended_is_no_fault_and_ends_nothing(
        self, subject: BackendUnderTest
    ) -> None:
        """Whoever holds an old or made-up handle cannot end what its person has now."""
        if subject.backend.signout is None:
            return
        before = await visit(subject)
        await _sign_out(before)
        now = await visit(subject)

        for handle in (before.handle, "never-given-out", "", "\0", "A" * 43):
            for everywhere in (False, True):
                request = SignoutRequest(handle, RETURN_TO, STATE, everywhere=everywhere)
                assert await subject.backend.signout.end(request) == SignedOut(0)

        await now.expect_signed_in()

    async def test_what_is_said_to_be_done_upstream_is_done(self, subject: BackendUnderTest) -> None:
        """Nothing that was granted to the session is good there any more."""
        if subject.backend.signout is None:
            return
        visitor = await visit(subject)

        signed_out = await _sign_out(visitor)

        await _expect_true(subject, signed_out)

    async def test_an_upstream_that_is_away_keeps_nobody_signed_in_and_hears_of_it_later(
        self, subject: BackendUnderTest
    ) -> None:
        """It is not said to be done before it is. Where it keeps the sessions, ``UpstreamRules`` judge."""
        if subject.backend.signout is None or subject.identity_provider is None:
            return
        if subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)

        async with subject.provider.outage():
            signed_out = await _sign_out(visitor)
            await visitor.expect_revoked()
            assert signed_out.ended == 1
            assert signed_out.upstream is not UpstreamStatus.DONE

        await _expect_true(subject, signed_out)

    @requires(Capability.REFRESH)
    async def test_a_sign_out_during_a_refresh_wins_and_leaves_nothing_upstream(
        self, subject: BackendUnderTest
    ) -> None:
        """What the refresh then brings is given back as well."""
        if subject.backend.signout is None:
            return
        visitor = await visit(subject)
        pass_some_time(visitor)
        answers: list[SignedOut] = []
        is_upstream_first = subject.backend.capabilities.needs_upstream

        async with subject.pause_refresh() as pause, anyio.create_task_group() as requests:
            requests.start_soon(_refresh_in_vain, visitor)
            await pause.reached()
            # So that the refresh is not just refused: what it asked for is still good. Unless the upstream
            # has to be asked first.
            async with nullcontext() if is_upstream_first else subject.provider.outage():
                answers.append(await _sign_out(visitor))
            pause.release()

        await visitor.expect_revoked()
        (signed_out,) = answers
        # What the refresh brought is given back afterwards, where the upstream takes it back at all.
        is_given_back = (
            signed_out.upstream not in (None, UpstreamStatus.UNSUPPORTED) and not is_upstream_first
        )
        later = replace(signed_out, upstream=UpstreamStatus.PENDING) if is_given_back else signed_out
        await _expect_true(subject, later)

    async def test_an_address_that_signs_the_browser_out_upstream_leads_back(
        self, subject: BackendUnderTest
    ) -> None:
        """With what the browser has to bring."""
        if subject.backend.signout is None:
            return

        signed_out = await _sign_out(await visit(subject))

        if signed_out.end_session_url is not None:
            parts = urlsplit(signed_out.end_session_url)
            values = [value for _, value in parse_qsl(parts.query)]
            assert parts.scheme in {"https", "http"}
            assert parts.hostname
            assert any(value.startswith(RETURN_TO) for value in values)
            assert any(STATE in value for value in values)

    async def test_without_the_store_nobody_is_said_to_be_signed_out(self, subject: BackendUnderTest) -> None:
        """Nor is anybody."""
        if subject.backend.signout is None:
            return
        visitor = await visit(subject)

        async with subject.store_outage():
            visitor.pass_revocation_lag()
            with pytest.raises(BackendUnavailableError):
                await _sign_out(visitor)

        await visitor.expect_signed_in()

    async def test_signing_out_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Whether the upstream answers or not."""
        if subject.backend.signout is None:
            return
        witness, secrets = Witness(), {STATE}
        for person in ("alice", "bob"):
            visitor = await visit(subject, person)
            secrets |= subject.secrets_of(visitor.request)
            request = SignoutRequest(visitor.handle, RETURN_TO, STATE)
            witness.take(request)
            if person == "alice" or subject.identity_provider is None:
                await witness.ask(subject.backend.signout.end(request))
            elif subject.backend.capabilities.needs_upstream:
                async with subject.without_upstream():
                    await witness.ask_in_vain(subject.backend.signout.end(request))
            else:
                async with subject.provider.outage():
                    await witness.ask(subject.backend.signout.end(request))
            if subject.backend.upkeep is not None:
                subject.clock.advance(PAUSE)
                await witness.ask(subject.backend.upkeep.run())

        known = {*secrets, *(subject.identity_provider.secrets() if subject.identity_provider else ())}
        assert not [text for text in witness.texts for secret in known if secret in text]


async def _sign_out(visitor: Visit, *, everywhere: bool = False) -> SignedOut:
    signout = visitor.subject.backend.signout
    assert signout is not None
    return await signout.end(SignoutRequest(visitor.handle, RETURN_TO, STATE, everywhere=everywhere))


async def _refresh_in_vain(visitor: Visit) -> None:
    with pytest.raises(SessionEndedError):
        await visitor.subject.backend.sessions.refresh(visitor.handle)


async def _expect_true(subject: BackendUnderTest, signed_out: SignedOut) -> None:
    """Judge that alice has nothing left upstream, at once or after some upkeep, as the answer promised."""
    if signed_out.upstream is UpstreamStatus.PENDING:
        assert subject.backend.upkeep is not None, "what is pending needs somebody who tries again"
        for _ in range(ROUNDS):
            await subject.settle()
            subject.clock.advance(PAUSE)
            await subject.backend.upkeep.run()
    if signed_out.upstream in (UpstreamStatus.DONE, UpstreamStatus.PENDING):
        assert not await subject.provider.has_grants("alice"), "something is left that could be refreshed"
