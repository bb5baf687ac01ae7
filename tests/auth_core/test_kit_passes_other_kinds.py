"""The kit asks of no backend more than it offers, and of none less."""

from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_core.testing.backend_under_test import SubjectIncompleteError
from netscript_auth_core.testing.memory_subject import memory_subject
from netscript_auth_core.testing.report import describe
from tests.auth_core.faults import with_sessions
from tests.auth_core.faulty_sessions import ForgetsTheSessionsThatEnded
from tests.auth_core.other_kinds import WHY, HostedBackend, LaggingBackend, hosted_subject


class TestForgetfulBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest, None]:
        async with memory_subject(with_sessions(ForgetsTheSessionsThatEnded)) as subject:
            yield subject


class TestLaggingBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest, None]:
        async with memory_subject(LaggingBackend) as subject:
            yield subject


class TestHostedBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest, None]:
        async with hosted_subject() as subject:
            yield subject


async def test_a_lag_that_is_not_declared_is_found() -> None:
    class SaysItHasNone(LaggingBackend):
        capabilities = MemoryAuthBackend.capabilities

    async with memory_subject(SaysItHasNone) as subject:
        with pytest.raises(AssertionError, match="still lets somebody in"):
            await AuthBackendConformance().test_a_revoked_session_stays_ended(subject)


async def test_a_choice_of_providers_that_leads_nowhere_is_found() -> None:
    async with hosted_subject() as subject, memory_subject() as other:
        rule = AuthBackendConformance().test_a_callback_works_once
        await rule(subject)
        vars(subject.backend)["providers"] = other.backend.providers

        with pytest.raises(AssertionError, match="a choice of providers is shown that leads nowhere"):
            await rule(subject)


async def test_a_session_hidden_behind_create_is_found() -> None:
    async with hosted_subject() as subject, memory_subject() as other:
        vars(subject.backend)["sessions"] = other.backend.sessions

        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            await AuthBackendConformance().test_a_callback_works_once(subject)


async def test_what_is_missing_to_judge_a_promise_is_named() -> None:
    async with memory_subject() as whole:
        subject = BackendUnderTest(backend=whole.backend, clock=whole.clock, store_outage=whole.store_outage)

        with pytest.raises(SubjectIncompleteError, match="identity_provider"):
            await AuthBackendConformance().test_a_callback_works_once(subject)


async def test_what_is_missing_to_judge_refreshes_is_named() -> None:
    async with memory_subject() as whole:
        subject = BackendUnderTest(
            backend=whole.backend,
            clock=whole.clock,
            store_outage=whole.store_outage,
            identity_provider=whole.identity_provider,
        )

        with pytest.raises(SubjectIncompleteError, match="paused_refresh"):
            await AuthBackendConformance().test_a_revocation_during_a_refresh_wins(subject, "revoke")


async def test_a_backend_that_can_begin_no_session_needs_an_upstream() -> None:
    async with hosted_subject() as whole:
        subject = BackendUnderTest(backend=whole.backend, clock=whole.clock, store_outage=whole.store_outage)

        with pytest.raises(SubjectIncompleteError, match="upstream_session"):
            await AuthBackendConformance().test_a_session_is_found_by_its_handle(subject)


async def test_the_table_says_what_is_refused() -> None:
    async with hosted_subject() as subject:
        table = describe(subject)

    assert HostedBackend.name in table
    assert table.count(f"no: {WHY}") == len(Capability)
    assert "chosen upstream" in table
    assert "not claimed" in table
