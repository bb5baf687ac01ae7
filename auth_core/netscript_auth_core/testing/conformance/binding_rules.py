"""A sign-in ends in the browser that it began in, and in no other."""

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser, replaced
from netscript_auth_core.testing.conformance.requirements import requires

SIGNIN = (Capability.SIGNIN, Capability.CALLBACK)
NOT_OURS = (FlowReason.FLOW_NOT_BOUND, FlowReason.STATE_MISMATCH)


class BindingRules:
    """The flow's cookie binds it, and nothing in its place."""

    @requires(*SIGNIN)
    @pytest.mark.parametrize("smuggled", ["nowhere", "txn", "flow", "under its own name"])
    async def test_a_callback_without_the_cookie_is_refused(
        self, subject: BackendUnderTest, smuggled: str
    ) -> None:
        """An attacker's code in a victim's browser signs nobody in (RFC 9700 section 4.7).

        What would bind it counts as a cookie only, not as a parameter. The browser that began the sign-in
        can still finish it.
        """
        attacker, victim = Browser(subject, "alice"), Browser(subject, "bob")
        started = await attacker.start()
        parameters = await attacker.agree(started)
        name = started.cookie.flow_id if smuggled == "under its own name" else smuggled
        extra = [] if smuggled == "nowhere" else [(name, started.cookie.value)]

        await victim.expect_refusal([*parameters, *extra], FlowReason.FLOW_NOT_BOUND)

        assert (await attacker.call_back(parameters, started.provider_id)).issued.token

    @requires(*SIGNIN)
    async def test_the_cookie_of_another_flow_does_not_bind(self, subject: BackendUnderTest) -> None:
        """Neither under its own name nor under the other's."""
        attacker, victim = Browser(subject, "alice"), Browser(subject, "bob")
        foreign, own = await attacker.start(), await victim.start()
        parameters = await attacker.agree(foreign)

        await victim.expect_refusal(parameters, *NOT_OURS)
        victim.flow_cookies[foreign.cookie.flow_id] = own.cookie.value
        await victim.expect_refusal(parameters, *NOT_OURS)

    @requires(*SIGNIN)
    async def test_a_cookie_that_was_changed_does_not_bind(self, subject: BackendUnderTest) -> None:
        """By a character, cut short, doubled, or emptied."""
        browser = Browser(subject)
        started = await browser.start()
        parameters, value = await browser.agree(started), started.cookie.value
        other = "A" if value[len(value) // 2] != "A" else "B"
        changed = value[: len(value) // 2] + other + value[len(value) // 2 + 1 :]

        for broken in (changed, value[:-4], value * 2, "", "\0", "%ZZ", "é" * 5000):
            browser.flow_cookies[started.cookie.flow_id] = broken
            await browser.expect_refusal(parameters, FlowReason.FLOW_NOT_BOUND)

    @requires(*SIGNIN)
    async def test_a_state_that_was_never_given_out_is_refused(self, subject: BackendUnderTest) -> None:
        """With a good cookie and a good code."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = replaced(await browser.agree(started), "state", "made-up-" + started.state[8:])

        await browser.expect_refusal(parameters, *NOT_OURS)
