"""What the upstream granted is refreshed, and nothing else of a session changes by it."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import SessionsPort
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import expect_unsupported, requires
from netscript_auth_core.testing.conformance.visits import Visit, pass_some_time, visit

REFRESH = Capability.REFRESH
PATIENCE = 10  # seconds of real time, for what must not wait at all

ENDINGS: dict[str, tuple[Capability, Callable[[SessionsPort, AuthSession], Awaitable[object]]]] = {
    "revoke": (Capability.REVOKE, lambda sessions, session: sessions.revoke(session.handle)),
    "revoke all": (
        Capability.REVOKE_ALL,
        lambda sessions, session: sessions.revoke_all_for_user(session.user_id),
    ),
}


class RefreshRules:
    """Refreshing: it works, it fails for now, it fails for good, and something ends the session meanwhile."""

    @requires(REFRESH)
    async def test_a_refresh_works_time_after_time(self, subject: BackendUnderTest) -> None:
        """A grant that is good once is replaced by its successor."""
        visitor = await visit(subject)

        for _ in range(3):
            pass_some_time(visitor)
            refreshed = await subject.backend.sessions.refresh(visitor.handle)
            assert refreshed.handle == visitor.handle
            await visitor.expect_signed_in()

    @requires(REFRESH)
    async def test_a_refresh_moves_no_limit(self, subject: BackendUnderTest) -> None:
        """What the upstream grants is no longer life for our session."""
        visitor = await visit(subject)
        pass_some_time(visitor)
        before = await _session(visitor)

        after = await subject.backend.sessions.refresh(visitor.handle)

        limits = (before.idle_expires_at, before.expires_at)
        assert (after.idle_expires_at, after.expires_at) == limits
        kept = await _session(visitor)
        assert (kept.idle_expires_at, kept.expires_at, kept.created_at) == (*limits, before.created_at)

    @requires(REFRESH)
    async def test_refreshes_at_once_do_not_spend_the_grant_twice(self, subject: BackendUnderTest) -> None:
        """A grant that is good once, asked for by many requests at a time."""
        visitor = await visit(subject)
        pass_some_time(visitor)

        async with subject.pause_refresh() as pause, anyio.create_task_group() as requests:
            for _ in range(5):
                requests.start_soon(subject.backend.sessions.refresh, visitor.handle)
            await _soon(pause.reached, "a refresh to pause")
            await anyio.wait_all_tasks_blocked()
            pause.release()

        await visitor.expect_signed_in()
        pass_some_time(visitor)
        assert (await subject.backend.sessions.refresh(visitor.handle)).handle == visitor.handle

    @requires(REFRESH)
    async def test_a_provider_that_is_away_changes_nothing(self, subject: BackendUnderTest) -> None:
        """The refresh says so, and one a little later works."""
        visitor = await visit(subject)
        pass_some_time(visitor)
        before = await _session(visitor)

        async with subject.provider.outage():
            with pytest.raises(BackendUnavailableError):
                await subject.backend.sessions.refresh(visitor.handle)

        assert await _session(visitor) == before
        await visitor.expect_signed_in()
        pass_some_time(visitor)
        assert (await subject.backend.sessions.refresh(visitor.handle)).handle == visitor.handle

    @requires(REFRESH)
    async def test_a_grant_that_ended_ends_the_session(self, subject: BackendUnderTest) -> None:
        """Only that person's."""
        alice, bob = await visit(subject, "alice"), await visit(subject, "bob")
        pass_some_time(alice)
        await subject.provider.end_grants("alice")

        with pytest.raises(SessionEndedError):
            await subject.backend.sessions.refresh(alice.handle)

        await alice.expect_revoked()
        assert (await subject.backend.sessions.refresh(bob.handle)).handle == bob.handle
        await bob.expect_signed_in()

    @requires(REFRESH)
    @pytest.mark.parametrize("ending", ENDINGS)
    async def test_a_revocation_during_a_refresh_wins(self, subject: BackendUnderTest, ending: str) -> None:
        """The refresh began before it and ends after it; the session stays revoked."""
        capability, end = ENDINGS[ending]
        if capability not in subject.backend.capabilities:
            await expect_unsupported(subject.backend, capability)
            return
        visitor = await visit(subject)
        pass_some_time(visitor)
        answers: list[AuthSession | SessionEndedError] = []

        async with subject.pause_refresh() as pause, anyio.create_task_group() as requests:
            requests.start_soon(_refresh_into, answers, visitor)
            await _soon(pause.reached, "the refresh to pause")
            await _soon(lambda: end(subject.backend.sessions, visitor.session), f"{ending} to return")
            pause.release()

        assert isinstance(answers[0], SessionEndedError), "the refresh took no notice of the revocation"
        await visitor.expect_revoked()

    @requires(REFRESH, Capability.REVOKE)
    async def test_a_revoked_session_is_not_refreshed(self, subject: BackendUnderTest) -> None:
        """Nor does trying bring it back."""
        visitor = await visit(subject)
        await subject.backend.sessions.revoke(visitor.handle)

        with pytest.raises(SessionEndedError):
            await subject.backend.sessions.refresh(visitor.handle)

        await visitor.expect_revoked()

    @requires(REFRESH)
    async def test_an_unknown_session_is_not_refreshed(self, subject: BackendUnderTest) -> None:
        """There is nothing to refresh."""
        for handle in ("never-given-out", "", "\0"):
            with pytest.raises(SessionEndedError):
                await subject.backend.sessions.refresh(handle)


async def _session(visitor: Visit) -> AuthSession:
    session = await visitor.subject.backend.sessions.get(visitor.handle)
    assert session is not None
    return session


async def _refresh_into(answers: list[AuthSession | SessionEndedError], visitor: Visit) -> None:
    """Refresh a session, and keep what comes of it."""
    try:
        answers.append(await visitor.subject.backend.sessions.refresh(visitor.handle))
    except SessionEndedError as error:
        answers.append(error)


async def _soon(wait: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait for what needs no answer of the provider, while the provider gives none."""
    with anyio.move_on_after(PATIENCE) as scope:
        await wait()
    assert not scope.cancelled_caught, f"waited {PATIENCE} s for {what}"
