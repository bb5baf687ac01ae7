"""Ended sessions stand in the log, for services that believe tokens until they hear of the end."""

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import SignoutRequest
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import pass_some_time, visit

_RETURN_TO = "https://auth.invalid/signed-out"
_STATE = "a-state-that-only-this-browser-has"


class LoggedEndingRules:
    """Whoever reads the log knows every session that somebody ended, and takes none for ended that lives."""

    @requires(Capability.REVOKE)
    async def test_a_revoked_session_is_logged_and_no_other(self, subject: BackendUnderTest) -> None:
        """By the handle that its tokens name."""
        here, there = await visit(subject), await visit(subject)
        assert await subject.logged_endings() == frozenset()

        await subject.backend.sessions.revoke(here.handle)

        assert await subject.logged_endings() == {here.handle}
        await there.expect_signed_in()

    @requires(Capability.REVOKE_ALL)
    async def test_all_of_a_persons_sessions_are_logged_but_the_one_that_is_kept(
        self, subject: BackendUnderTest
    ) -> None:
        """And nobody else's."""
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")

        await subject.backend.sessions.revoke_all_for_user(here.user.id, keep=here.handle)

        assert await subject.logged_endings() == {there.handle}
        await bob.expect_signed_in()

    async def test_signing_out_is_logged(self, subject: BackendUnderTest) -> None:
        """Where it is the backend's own part that does it."""
        if subject.backend.signout is None:
            return
        visitor = await visit(subject)

        await subject.backend.signout.end(SignoutRequest(visitor.handle, _RETURN_TO, _STATE))

        assert await subject.logged_endings() == {visitor.handle}

    @requires(Capability.REFRESH)
    async def test_the_end_of_a_grant_is_logged(self, subject: BackendUnderTest) -> None:
        """The session ends with it, and nobody asked for that here."""
        visitor = await visit(subject)
        pass_some_time(visitor)
        await subject.provider.end_grants("alice")

        with pytest.raises(SessionEndedError):
            await subject.backend.sessions.refresh(visitor.handle)

        assert await subject.logged_endings() == {visitor.handle}

    @requires(Capability.UPSTREAM_LOGOUT)
    async def test_a_sign_out_upstream_is_logged(self, subject: BackendUnderTest) -> None:
        """Each of the sessions that it ended."""
        here, there, bob = await visit(subject), await visit(subject), await visit(subject, "bob")
        part = subject.backend.upstream_logout
        assert part is not None

        await part.end(here.session.provider_id, await subject.logouts.logout_of("alice"))

        assert await subject.logged_endings() == {here.handle, there.handle}
        await bob.expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_nothing_is_logged_of_what_was_not_there_to_end(self, subject: BackendUnderTest) -> None:
        """Whoever makes up handles fills no log."""
        visitor = await visit(subject)

        for handle in ("never-given-out", "", "\0", "A" * 43):
            await subject.backend.sessions.revoke(handle)

        assert await subject.logged_endings() == frozenset()
        await visitor.expect_signed_in()
