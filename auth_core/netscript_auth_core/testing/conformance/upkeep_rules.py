"""Work that no request waits for: harmless whenever it is done, and however often."""

import anyio
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import UpkeepPort
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.visits import pass_some_time, visit


class UpkeepRules:
    """A backend without this part has nothing to be done."""

    async def test_upkeep_ends_no_session(self, subject: BackendUnderTest) -> None:
        """Whether there is something to do or not."""
        if subject.backend.upkeep is None:
            return
        visitor = await visit(subject)

        for _ in range(3):
            await subject.backend.upkeep.run()
            pass_some_time(visitor)

        await visitor.expect_signed_in()

    async def test_upkeep_by_several_instances_at_once_is_no_fault(self, subject: BackendUnderTest) -> None:
        """Each process of a service does it."""
        if subject.backend.upkeep is None:
            return
        visitor = await visit(subject)
        others = [await subject.reopen() for _ in range(2)] if subject.reopen is not None else []

        async with anyio.create_task_group() as rounds:
            for backend in (subject.backend, *others):
                upkeep: UpkeepPort | None = backend.upkeep
                assert upkeep is not None
                rounds.start_soon(upkeep.run)

        await visitor.expect_signed_in()
        for backend in others:
            await backend.aclose()

    async def test_upkeep_does_not_need_the_upstream(self, subject: BackendUnderTest) -> None:
        """What could not be done there is tried another time."""
        if subject.backend.upkeep is None or subject.identity_provider is None:
            return
        visitor = await visit(subject)

        async with subject.provider.outage():
            await subject.backend.upkeep.run()

        await visitor.expect_signed_in()

    async def test_upkeep_without_the_store_says_so(self, subject: BackendUnderTest) -> None:
        """So that whoever runs it can report it to the operator."""
        if subject.backend.upkeep is None:
            return
        await visit(subject)

        async with subject.store_outage():
            with pytest.raises(BackendUnavailableError):
                await subject.backend.upkeep.run()
