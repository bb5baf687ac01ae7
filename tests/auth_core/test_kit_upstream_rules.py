"""The rules for sessions that an upstream keeps find a backend that does not ask it."""

from dataclasses import replace

import pytest

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.testing import AuthBackendConformance
from netscript_auth_core.testing.conformance.upstream_cookies import with_cookies
from netscript_auth_core.testing.memory_subject import memory_subject

RULES = (
    "test_without_the_upstream_a_session_answers_for_the_lag_and_not_longer",
    "test_what_the_upstream_cannot_be_told_is_not_said_to_have_ended",
    "test_without_the_upstream_nobody_is_said_to_be_signed_out",
)


class SaysThatItsUpstreamKeepsThem(MemoryAuthBackend):
    capabilities = replace(MemoryAuthBackend.capabilities, needs_upstream=True)


@pytest.mark.parametrize("rule", RULES)
async def test_a_backend_that_goes_on_without_its_upstream_is_found(rule: str) -> None:
    async with memory_subject() as honest:
        await getattr(AuthBackendConformance(), rule)(subject=honest)

    async with memory_subject(SaysThatItsUpstreamKeepsThem) as subject:
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            await getattr(AuthBackendConformance(), rule)(subject=subject)


def test_a_browser_keeps_the_newest_cookie_and_forgets_what_is_taken_away() -> None:
    request = AuthRequest(("token",), {"cookie": "a=1; b=2; c=3", "accept": "*/*"})

    later = with_cookies(request, ["b=4; Path=/; HttpOnly", "a=; Max-Age=0; Path=/"])

    assert later == AuthRequest(("token",), {"cookie": "c=3; b=4", "accept": "*/*"})
