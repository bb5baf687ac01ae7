"""Instances come and go; what they promised stays."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit, visit


class LifeRules:
    """Start, end, and more than one instance.

    Where sessions live and die with the instance (``reopen`` is ``None``), the one instance is judged by
    what others would have to keep.
    """

    async def test_closing_twice_is_no_fault(self, subject: BackendUnderTest) -> None:
        """Shutting down is where faults go unseen."""
        await visit(subject)

        await subject.backend.aclose()
        await subject.backend.aclose()

    async def test_a_restart_signs_nobody_out(self, subject: BackendUnderTest) -> None:
        """Sessions that began before it are there after it."""
        visitor = await visit(subject)
        if subject.reopen is not None:
            await subject.backend.aclose()

        async with _another(subject) as again:
            await _seen_by(again, visitor).expect_signed_in()

    @requires(Capability.REVOKE)
    async def test_a_restart_revives_nobody(self, subject: BackendUnderTest) -> None:
        """Sessions that were revoked before it are so after it."""
        visitor = await visit(subject)
        await subject.backend.sessions.revoke(visitor.handle)
        if subject.reopen is not None:
            await subject.backend.aclose()

        async with _another(subject) as again:
            await _seen_by(again, visitor).expect_revoked()

    @requires(Capability.REVOKE)
    async def test_a_revocation_reaches_every_instance(self, subject: BackendUnderTest) -> None:
        """One that has answered for the session before it, too."""
        visitor = await visit(subject)

        async with _another(subject) as other:
            seen_there = _seen_by(other, visitor)
            await seen_there.expect_signed_in()
            await subject.backend.sessions.revoke(visitor.handle)

            await seen_there.expect_revoked()
            await visitor.expect_revoked()

    async def test_a_person_is_the_same_for_every_instance(self, subject: BackendUnderTest) -> None:
        """Who signs in there is who signed in here."""
        here = await visit(subject)

        async with _another(subject) as other:
            there = await visit(other)

            assert there.user.id == here.user.id
            assert there.handle != here.handle


@asynccontextmanager
async def _another(subject: BackendUnderTest) -> AsyncGenerator[BackendUnderTest, None]:
    """Open another instance over the same store, or stay with the one that there is."""
    if subject.reopen is None:
        yield subject
        return
    backend = await subject.reopen()
    try:
        yield replace(subject, backend=backend)
    finally:
        await backend.aclose()


def _seen_by(subject: BackendUnderTest, visitor: Visit) -> Visit:
    return replace(visitor, subject=subject)
