"""Sign-outs that an upstream tells of: its own word ends sessions, and nobody else's does."""

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import BackendUnavailableError, LogoutRefusedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import UpstreamLogoutPort
from netscript_auth_core.reasons import LogoutReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit, pass_some_time, visit
from netscript_auth_core.testing.conformance.witness import Witness

NO_TOKENS = ("", " ", "\0", "never-given-out", "a.b.c", "{}", "\ud800", "x" * 100_000)
NO_PROVIDERS = ("", "nobody-has-this-id", "../x", "\0", "x" * 10_000)


class UpstreamLogoutRules:
    """What a backend that is told of no sign-outs says of that is judged: that it has no such part."""

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_a_sign_out_upstream_ends_all_of_the_persons_sessions_and_nobody_elses(
        self, subject: BackendUnderTest
    ) -> None:
        """For good, and each is told to the audit."""
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")
        told_before = _endings(subject)

        ended = await _tell(here, await subject.logouts.logout_of("alice"))

        assert ended == 2
        for visitor in (here, there):
            await visitor.expect_revoked()
        pass_some_time(here)
        await here.expect_revoked()
        await bob.expect_signed_in()
        if subject.events is not None:
            assert _endings(subject) == told_before + 2, "an ending was not told to the audit"

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_the_end_of_one_session_upstream_ends_what_began_by_it_and_nothing_else(
        self, subject: BackendUnderTest
    ) -> None:
        """The person's other devices stay signed in."""
        before, latest = await visit(subject), await visit(subject)

        ended = await _tell(latest, await subject.logouts.logout_of_latest("alice"))

        assert ended == 1
        await latest.expect_revoked()
        await before.expect_signed_in()

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_a_logout_token_is_good_once(self, subject: BackendUnderTest) -> None:
        """Whoever caught one ends nothing with it later."""
        token = await _used_token(subject)
        again = await visit(subject)

        await _expect_refusal(again, token, LogoutReason.TOKEN_REPLAYED)

    @requires(Capability.UPSTREAM_LOGOUT)
    @pytest.mark.parametrize("token", NO_TOKENS, ids=lambda token: ascii(token)[:20])
    async def test_what_is_no_logout_token_is_refused(self, subject: BackendUnderTest, token: str) -> None:
        """And ends nothing."""
        visitor = await visit(subject)

        await _expect_refusal(visitor, token)

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_a_logout_token_that_was_changed_is_refused(self, subject: BackendUnderTest) -> None:
        """By a character at either end; as it was sent it is good afterwards."""
        visitor = await visit(subject)
        token = await subject.logouts.logout_of("alice")

        for changed in (f"{token}A", f"A{token}", token[1:], token[:-4]):
            await _expect_refusal(visitor, changed)

        assert await _tell(visitor, token) == 1

    @requires(Capability.UPSTREAM_LOGOUT)
    @pytest.mark.parametrize("provider_id", NO_PROVIDERS, ids=lambda each: ascii(each)[:20])
    async def test_a_provider_that_is_not_there_ends_nothing(
        self, subject: BackendUnderTest, provider_id: str
    ) -> None:
        """Whatever token comes along."""
        visitor = await visit(subject)
        token = await subject.logouts.logout_of("alice")

        with pytest.raises(LogoutRefusedError) as refusal:
            await _part(subject).end(provider_id, token)

        assert refusal.value.code is LogoutReason.PROVIDER_UNKNOWN
        await visitor.expect_signed_in()

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_whoever_is_signed_out_already_is_no_fault(self, subject: BackendUnderTest) -> None:
        """The upstream need not know what ended here."""
        visitor = await visit(subject)
        await subject.backend.sessions.revoke(visitor.handle)

        assert await _tell(visitor, await subject.logouts.logout_of("alice")) == 0
        assert await _tell(visitor, await subject.logouts.logout_of_latest("alice")) == 0

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_what_the_store_could_not_do_the_same_token_does_later(
        self, subject: BackendUnderTest
    ) -> None:
        """Nobody is said to be signed out meanwhile: an upstream sends again what was not taken."""
        visitor = await visit(subject)
        token = await subject.logouts.logout_of("alice")

        async with subject.store_outage():
            with pytest.raises(BackendUnavailableError):
                await _tell(visitor, token)

        await visitor.expect_signed_in()
        assert await _tell(visitor, token) == 1
        await visitor.expect_revoked()

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_a_sign_out_upstream_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Neither the token, good or refused, nor a credential of the sessions that end."""
        visitor, witness = await visit(subject), Witness()
        tokens = [await subject.logouts.logout_of("alice") for _ in range(2)]
        provider_id = visitor.session.provider_id

        await witness.ask(_part(subject).end(provider_id, tokens[0]))
        await witness.ask_in_vain(_part(subject).end(provider_id, tokens[0]))
        await witness.ask_in_vain(_part(subject).end(provider_id, f"{tokens[1]}A"))

        known = {*tokens, *subject.secrets_of(visitor.request), *subject.provider.secrets()}
        assert not [text for text in witness.texts for secret in known if secret in text]


def _part(subject: BackendUnderTest) -> UpstreamLogoutPort:
    part = subject.backend.upstream_logout
    assert part is not None, f"{subject.backend.name} offers upstream_logout but has no such part"
    return part


async def _tell(visitor: Visit, token: str) -> int:
    return await _part(visitor.subject).end(visitor.session.provider_id, token)


async def _used_token(subject: BackendUnderTest) -> str:
    visitor = await visit(subject)
    token = await subject.logouts.logout_of("alice")
    assert await _tell(visitor, token) == 1
    return token


async def _expect_refusal(visitor: Visit, token: str, *reasons: LogoutReason) -> None:
    with pytest.raises(LogoutRefusedError) as refusal:
        await _tell(visitor, token)
    assert not reasons or refusal.value.code in reasons
    await visitor.expect_signed_in()


def _endings(subject: BackendUnderTest) -> int:
    taken = subject.events.taken if subject.events is not None else []
    told = [event for event in taken if event.name is EventName.SESSION_REVOKED]
    return len([event for event in told if event.reason == "upstream_logout"])
