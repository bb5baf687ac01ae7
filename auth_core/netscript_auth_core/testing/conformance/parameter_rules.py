"""What a callback carries: each parameter once, and none that makes no sense (RFC 6749 section 4.1.2)."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser, replaced, value_of
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.identity_provider import Parameters

SIGNIN = (Capability.SIGNIN, Capability.CALLBACK)
MISSING, REPEATED = FlowReason.PARAMETER_MISSING, FlowReason.PARAMETER_REPEATED
MALFORMED = FlowReason.PARAMETER_MALFORMED
UNKNOWN_STATE = (MALFORMED, FlowReason.STATE_MISMATCH, FlowReason.FLOW_NOT_BOUND)
UNKNOWN_CODE = (MALFORMED, FlowReason.CODE_REFUSED)

Change: TypeAlias = Callable[[Parameters], Parameters]

REPEATS: dict[str, Change] = {
    "state, the same": lambda sent: [*sent, ("state", value_of(sent, "state"))],
    "state, a bad one last": lambda sent: [*sent, ("state", "other")],
    "state, a bad one first": lambda sent: [("state", "other"), *sent],
    "state, an empty one": lambda sent: [*sent, ("state", "")],
    "code, the same": lambda sent: [*sent, ("code", value_of(sent, "code"))],
    "code, a bad one last": lambda sent: [*sent, ("code", "other")],
    "code, a bad one first": lambda sent: [("code", "other"), *sent],
}
NONSENSE: dict[str, tuple[Change, tuple[FlowReason, ...]]] = {
    "nothing": (lambda _: [], (MISSING,)),
    "no state": (lambda sent: replaced(sent, "state"), (MISSING,)),
    "no code": (lambda sent: replaced(sent, "code"), (MISSING,)),
    "an empty state": (lambda sent: replaced(sent, "state", ""), (MISSING, MALFORMED)),
    "an empty code": (lambda sent: replaced(sent, "code", ""), (MISSING, MALFORMED)),
    "a blank state": (lambda sent: replaced(sent, "state", " \t\n"), UNKNOWN_STATE),
    "8 kB of state": (lambda sent: replaced(sent, "state", "s" * 8192), UNKNOWN_STATE),
    "1 MB of state": (lambda sent: replaced(sent, "state", "s" * 1_000_000), UNKNOWN_STATE),
    "NUL in the state": (lambda sent: replaced(sent, "state", "\0"), UNKNOWN_STATE),
    "NUL behind the state": (
        lambda sent: replaced(sent, "state", value_of(sent, "state") + "\0"),
        UNKNOWN_STATE,
    ),
    "half a character in the state": (lambda sent: replaced(sent, "state", "\ud800"), UNKNOWN_STATE),
    "1 MB of code": (lambda sent: replaced(sent, "code", "c" * 1_000_000), UNKNOWN_CODE),
    "NUL in the code": (lambda sent: replaced(sent, "code", "\0"), UNKNOWN_CODE),
    "half a character in the code": (lambda sent: replaced(sent, "code", "\ud800"), UNKNOWN_CODE),
    "code and error": (lambda sent: [*sent, ("error", "access_denied")], (MALFORMED, REPEATED)),
}


class ParameterRules:
    """Bad input is refused by name; it is no outage, and it is never guessed at."""

    @requires(*SIGNIN)
    @pytest.mark.parametrize("repeat", REPEATS)
    async def test_a_parameter_that_is_repeated_is_refused(
        self, subject: BackendUnderTest, repeat: str
    ) -> None:
        """Neither the first nor the last of them wins."""
        browser = Browser(subject)
        parameters = await browser.agree(await browser.start())

        await browser.expect_refusal(REPEATS[repeat](parameters), REPEATED)

    @requires(*SIGNIN)
    @pytest.mark.parametrize("change", NONSENSE)
    async def test_parameters_that_make_no_sense_are_refused(
        self, subject: BackendUnderTest, change: str
    ) -> None:
        """Missing, empty, oversized and unreadable ones."""
        browser = Browser(subject)
        parameters = await browser.agree(await browser.start())
        broken, reasons = NONSENSE[change]

        await browser.expect_refusal(broken(parameters), *reasons)

    @requires(*SIGNIN)
    async def test_parameters_of_no_standard_are_passed_over(self, subject: BackendUnderTest) -> None:
        """Providers send what they like beside the answer; some of it twice."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = [*await browser.agree(started), ("session_state", "a"), ("hd", "b"), ("hd", "c")]

        completed = await browser.call_back(parameters, started.provider_id)

        assert completed.flow_id == started.cookie.flow_id
