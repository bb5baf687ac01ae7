"""Sessions that an upstream keeps: what they are worth, and what can be done, while it is away."""

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import SignoutRequest
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import visit


class UpstreamRules:
    """A backend that keeps its sessions itself is judged by the rules of outages and sign-out alone."""

    async def test_without_the_upstream_a_session_answers_for_the_lag_and_not_longer(
        self, subject: BackendUnderTest
    ) -> None:
        """Afterwards the answer is an error, not anonymous; and all is as before once it is back."""
        if not subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)

        async with subject.without_upstream():
            if subject.backend.capabilities.revocation_lag:
                await visitor.expect_signed_in()
            await visitor.expect_unavailable()

        await visitor.expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_what_the_upstream_cannot_be_told_is_not_said_to_have_ended(
        self, subject: BackendUnderTest
    ) -> None:
        """The session stays, and can be ended when the upstream answers."""
        if not subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)

        async with subject.without_upstream():
            with pytest.raises(BackendUnavailableError):
                await subject.backend.sessions.revoke(visitor.handle)

        await visitor.expect_signed_in()
        assert await subject.backend.sessions.revoke(visitor.handle) is True
        await visitor.expect_revoked()

    async def test_without_the_upstream_nobody_is_said_to_be_signed_out(
        self, subject: BackendUnderTest
    ) -> None:
        """Nor is anybody; trying again works."""
        signout = subject.backend.signout
        if signout is None or not subject.backend.capabilities.needs_upstream:
            return
        visitor = await visit(subject)
        request = SignoutRequest(visitor.handle, "https://auth.invalid/signed-out", "a-state-of-this-browser")

        async with subject.without_upstream():
            with pytest.raises(BackendUnavailableError):
                await signout.end(request)

        await visitor.expect_signed_in()
        assert (await signout.end(request)).ended == 1
        await visitor.expect_revoked()
