"""The end of sessions by time: the idle limit moves on with use, the absolute one never."""

from datetime import timedelta

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import ended_at
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit, pass_some_time, visit

SECOND = timedelta(seconds=1)
FROM_THE_END_ON = pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(days=400)])


class LimitRules:
    """Just before a limit, at it, and after it. A store that purges late does not show."""

    async def test_an_unused_session_lasts_until_just_before_its_end(self, subject: BackendUnderTest) -> None:
        """Every way of asking agrees."""
        visitor = await visit(subject)

        subject.clock.set(ended_at(visitor.session) - SECOND)

        await visitor.expect_signed_in()

    @FROM_THE_END_ON
    async def test_an_unused_session_has_expired_from_its_end_on(
        self, subject: BackendUnderTest, late: timedelta
    ) -> None:
        """Every way of asking agrees."""
        visitor = await visit(subject)

        subject.clock.set(visitor.expired_from + late)

        await visitor.expect_expired()
        await _expect_unlisted(visitor)

    async def test_use_moves_the_idle_limit_on(self, subject: BackendUnderTest) -> None:
        """By the whole of it, up to the absolute limit."""
        visitor = await visit(subject)
        idle = ended_at(visitor.session) - visitor.session.created_at
        subject.clock.advance(idle / 2)

        await visitor.expect_signed_in()

        session = await subject.backend.sessions.get(visitor.handle)
        assert session is not None
        assert ended_at(session) == min(subject.clock.now() + idle, visitor.session.expires_at)
        subject.clock.set(ended_at(session) - SECOND)
        await visitor.expect_signed_in()

    async def test_a_session_began_once(self, subject: BackendUnderTest) -> None:
        """When that was is the same with every answer, however much later it is given."""
        visitor = await visit(subject)
        began = {visitor.session.created_at}

        for _ in range(2):
            pass_some_time(visitor)
            identity = await visitor.expect_signed_in()
            kept = await subject.backend.sessions.get(visitor.handle)
            assert kept is not None
            began |= {identity.session.created_at, kept.created_at}

        assert len(began) == 1, "the session began anew with each answer"

    async def test_use_moves_the_absolute_limit_never(self, subject: BackendUnderTest) -> None:
        """However steady it is."""
        visitor = await visit(subject)

        await visitor.use_until(visitor.session.expires_at)

        session = await subject.backend.sessions.get(visitor.handle)
        assert session is not None
        assert session.expires_at == visitor.session.expires_at
        subject.clock.set(visitor.session.expires_at - SECOND)
        await visitor.expect_signed_in()

    @FROM_THE_END_ON
    async def test_a_session_in_steady_use_has_expired_from_its_absolute_end_on(
        self, subject: BackendUnderTest, late: timedelta
    ) -> None:
        """Every way of asking agrees."""
        visitor = await visit(subject)
        await visitor.use_until(visitor.session.expires_at)

        subject.clock.set(visitor.session.expires_at + late)

        await visitor.expect_expired()
        await _expect_unlisted(visitor)

    async def test_an_expired_session_stays_so_when_it_is_asked_for(self, subject: BackendUnderTest) -> None:
        """Asking is no use of it."""
        visitor = await visit(subject)
        subject.clock.set(visitor.expired_from)

        for _ in range(3):
            await visitor.expect_expired()
            subject.clock.advance(timedelta(minutes=2))

    @requires(Capability.REVOKE)
    async def test_an_expired_session_is_not_there_to_be_revoked(self, subject: BackendUnderTest) -> None:
        """It was not active."""
        visitor = await visit(subject)
        subject.clock.set(visitor.expired_from)

        assert await subject.backend.sessions.revoke(visitor.handle) is False

    @requires(Capability.REVOKE_ALL)
    async def test_expired_sessions_do_not_count_among_those_ended(self, subject: BackendUnderTest) -> None:
        """Only active ones do."""
        visitor = await visit(subject)
        subject.clock.set(visitor.expired_from)
        await visit(subject)

        assert await subject.backend.sessions.revoke_all_for_user(visitor.user.id) == 1

    @requires(Capability.REFRESH)
    async def test_a_refresh_revives_no_expired_session(self, subject: BackendUnderTest) -> None:
        """Not after the absolute limit, and not after the idle one."""
        visitor = await visit(subject)
        subject.clock.set(visitor.expired_from)

        with pytest.raises(SessionEndedError):
            await subject.backend.sessions.refresh(visitor.handle)

        await visitor.expect_expired()

    async def test_the_state_of_an_expired_session_is_expired(self, subject: BackendUnderTest) -> None:
        """A session that is still kept says that it expired."""
        visitor = await visit(subject)
        subject.clock.set(visitor.expired_from)

        session = await subject.backend.sessions.get(visitor.handle)

        assert session is None or session.state is SessionState.EXPIRED


async def _expect_unlisted(visitor: Visit) -> None:
    """Judge that a session that has expired is in no list."""
    backend = visitor.subject.backend
    if Capability.LIST_SESSIONS in backend.capabilities:
        assert list(await backend.sessions.list_for_user(visitor.user.id)) == []
