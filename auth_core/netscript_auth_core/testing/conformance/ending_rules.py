"""The end of sessions by somebody's will."""

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import pass_some_time, visit


class EndingRules:
    """Revocation is final, and hits whom it is meant for."""

    @requires(Capability.REVOKE)
    async def test_a_revoked_session_stays_ended(self, subject: BackendUnderTest) -> None:
        """A copied cookie is worth nothing, now and later."""
        visitor = await visit(subject)

        assert await subject.backend.sessions.revoke(visitor.handle) is True

        await visitor.expect_revoked()
        pass_some_time(visitor)
        await visitor.expect_revoked()

    @requires(Capability.REVOKE)
    async def test_revoking_twice_is_no_fault(self, subject: BackendUnderTest) -> None:
        """The second time there was nothing to end."""
        visitor = await visit(subject)
        await subject.backend.sessions.revoke(visitor.handle)

        assert await subject.backend.sessions.revoke(visitor.handle) is False

        await visitor.expect_revoked()

    @requires(Capability.REVOKE)
    async def test_revoking_the_unknown_is_no_fault(self, subject: BackendUnderTest) -> None:
        """It ends nothing."""
        visitor = await visit(subject)

        for handle in ("never-given-out", "", "\0", "A" * 43):
            assert await subject.backend.sessions.revoke(handle) is False

        await visitor.expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_revoking_a_session_ends_no_other(self, subject: BackendUnderTest) -> None:
        """Neither the person's own on another device nor somebody else's."""
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")

        await subject.backend.sessions.revoke(here.handle)

        await here.expect_revoked()
        await there.expect_signed_in()
        await bob.expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_a_token_is_no_handle(self, subject: BackendUnderTest) -> None:
        """Revoking is by handle only."""
        visitor = await visit(subject)

        for credential in subject.secrets_of(visitor.request):
            assert await subject.backend.sessions.revoke(credential) is False

        await visitor.expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_after_a_revocation_one_can_sign_in_again(self, subject: BackendUnderTest) -> None:
        """The person was signed out, not shut out."""
        before = await visit(subject)
        await subject.backend.sessions.revoke(before.handle)

        after = await visit(subject)

        assert (await after.expect_signed_in()).user.id == before.user.id
        await before.expect_revoked()

    @requires(Capability.REVOKE_ALL)
    async def test_all_of_a_persons_sessions_end_at_once(self, subject: BackendUnderTest) -> None:
        """On every device, and nobody else's."""
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")

        assert await subject.backend.sessions.revoke_all_for_user(here.user.id) == 2

        await here.expect_revoked()
        await there.expect_revoked()
        await bob.expect_signed_in()
        assert await subject.backend.sessions.revoke_all_for_user(here.user.id) == 0

    @requires(Capability.REVOKE_ALL)
    async def test_one_session_can_be_kept(self, subject: BackendUnderTest) -> None:
        """The one in which the person asks for it."""
        here, there = await visit(subject), await visit(subject)

        assert await subject.backend.sessions.revoke_all_for_user(here.user.id, keep=here.handle) == 1

        await here.expect_signed_in()
        await there.expect_revoked()

    @requires(Capability.REVOKE_ALL)
    async def test_keeping_somebody_elses_session_keeps_none(self, subject: BackendUnderTest) -> None:
        """And a handle that is nobody's keeps none either."""
        alice, bob = await visit(subject, "alice"), await visit(subject, "bob")

        assert await subject.backend.sessions.revoke_all_for_user(alice.user.id, keep=bob.handle) == 1
        assert await subject.backend.sessions.revoke_all_for_user(bob.user.id, keep="never-given-out") == 1

    @requires(Capability.REVOKE_ALL)
    async def test_nobody_has_nothing_to_end(self, subject: BackendUnderTest) -> None:
        """An unknown person is no fault."""
        visitor = await visit(subject)

        for user_id in ("usr_never-given-out", "", "*"):
            assert await subject.backend.sessions.revoke_all_for_user(user_id) == 0

        await visitor.expect_signed_in()
