"""A backend that keeps sealed secrets passes the kit; one that does not keep its word about them does not."""

from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_core.testing.backend_under_test import SubjectIncompleteError
from tests.auth_core import sealing_kind
from tests.auth_core.sealing_kind import SealedOfMemory, sealing_subject

COUNT = "test_what_is_sealed_is_counted_under_the_current_key"
CHANGE = "test_after_a_change_of_keys_all_is_sealed_anew_and_nobody_is_signed_out"


class TestSealingBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with sealing_subject() as subject:
            yield subject


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        (sealing_kind.NeverEnds, CHANGE),
        (sealing_kind.SaysItIsDone, CHANGE),
        (sealing_kind.SignsEverybodyOut, CHANGE),
        (sealing_kind.DropsWhatItSeals, CHANGE),
        (sealing_kind.CountsNothing, COUNT),
        (sealing_kind.CountsAllUnderTheCurrentKey, CHANGE),
        (sealing_kind.CountsNothingInAnOutage, "test_without_the_store_nothing_is_counted"),
        (sealing_kind.NamesItsKeyBySecret, "test_a_change_of_keys_shows_no_secret"),
        (sealing_kind.BringsThemBack, "test_a_change_of_keys_brings_nobody_back"),
    ],
)
async def test_a_fault_is_found(part: type[SealedOfMemory], rule: str) -> None:
    async with sealing_subject() as sound:
        await getattr(AuthBackendConformance(), rule)(subject=sound)

    async with sealing_subject(part) as broken:
        with pytest.raises((Exception, pytest.fail.Exception)):
            await getattr(AuthBackendConformance(), rule)(subject=broken)


async def test_what_is_missing_to_judge_a_change_of_keys_is_named() -> None:
    async with sealing_subject() as whole:
        subject = BackendUnderTest(
            backend=whole.backend,
            clock=whole.clock,
            store_outage=whole.store_outage,
            identity_provider=whole.identity_provider,
        )

        with pytest.raises(SubjectIncompleteError, match="change_key"):
            await getattr(AuthBackendConformance(), CHANGE)(subject=subject)
