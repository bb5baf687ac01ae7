"""The way back from the provider: once, in time, and with an answer that is for us."""

from datetime import timedelta

import anyio
import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.ports import SigninCompleted
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser, replaced, value_of
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit
from netscript_auth_core.testing.identity_provider import Parameters

SIGNIN = (Capability.SIGNIN, Capability.CALLBACK)
SECOND = timedelta(seconds=1)


class CallbackRules:
    """Replays, late callbacks, and those in which somebody said no."""

    @requires(*SIGNIN)
    async def test_a_callback_works_once(self, subject: BackendUnderTest) -> None:
        """Going back in the browser's history is refused and harms nobody (RFC 9700 section 4.5)."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = await browser.agree(started)
        issued = (await browser.call_back(parameters, started.provider_id)).issued

        await browser.expect_refusal(parameters, FlowReason.FLOW_USED, provider_id=started.provider_id)

        await Visit(subject, browser.request, issued.session, issued.user).expect_signed_in()

    @requires(*SIGNIN)
    async def test_of_two_callbacks_at_once_one_works(self, subject: BackendUnderTest) -> None:
        """The flow is taken in one step."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = await browser.agree(started)

        answers = await _call_back_twice(browser, parameters)

        completed = [each for each in answers if isinstance(each, SigninCompleted)]
        refused = [each for each in answers if isinstance(each, FlowRefusedError)]
        assert len(completed) == 1
        assert [each.code for each in refused] == [FlowReason.FLOW_USED]

    @requires(*SIGNIN)
    async def test_a_flow_lasts_until_just_before_its_end(self, subject: BackendUnderTest) -> None:
        """A slow person is no attacker."""
        browser = Browser(subject)
        started = await browser.start()

        subject.clock.advance(started.cookie.lifetime - SECOND)
        parameters = await browser.agree(started)

        assert (await browser.call_back(parameters, started.provider_id)).issued.token

    @requires(*SIGNIN)
    @pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(minutes=1), timedelta(days=30)])
    async def test_a_flow_has_expired_from_its_end_on(
        self, subject: BackendUnderTest, late: timedelta
    ) -> None:
        """Time is compared; whether a store has purged the flow does not matter."""
        browser = Browser(subject)
        started = await browser.start()

        subject.clock.advance(started.cookie.lifetime + late)
        parameters = await browser.agree(started)

        await browser.expect_refusal(parameters, FlowReason.FLOW_EXPIRED)

    @requires(*SIGNIN)
    async def test_somebody_who_says_no_is_not_signed_in(self, subject: BackendUnderTest) -> None:
        """The flow is used up, and what the provider says of it is not repeated."""
        browser = Browser(subject)
        started = await browser.start()
        said_no = replaced(await browser.cancel(started), "error_description", "<script>alert(1)</script>")
        said_no = replaced(said_no, "error_uri", "javascript:alert(1)")

        error = await browser.expect_refusal(said_no, FlowReason.ACCESS_DENIED)

        assert "script" not in str(error)
        await browser.expect_refusal(await browser.agree(started), FlowReason.FLOW_USED)

    @requires(*SIGNIN)
    async def test_another_error_of_the_provider_is_a_refusal(self, subject: BackendUnderTest) -> None:
        """Not an outage, and not a session."""
        browser = Browser(subject)
        parameters = replaced(await browser.cancel(await browser.start()), "error", "invalid_scope")

        await browser.expect_refusal(parameters, FlowReason.PROVIDER_REFUSED)

    @requires(*SIGNIN)
    async def test_a_code_that_the_provider_never_gave_is_refused(self, subject: BackendUnderTest) -> None:
        """It was tried, so the flow is used up."""
        browser = Browser(subject)
        started = await browser.start()
        parameters = await browser.agree(started)

        await browser.expect_refusal(replaced(parameters, "code", "made-up"), FlowReason.CODE_REFUSED)

        await browser.expect_refusal(parameters, FlowReason.FLOW_USED)

    @requires(*SIGNIN)
    async def test_a_callback_of_another_provider_is_refused(self, subject: BackendUnderTest) -> None:
        """The code of one provider is never sent to another (RFC 9700 section 4.4)."""
        browser = Browser(subject)
        started = await browser.start()
        ids = [each.id for each in subject.backend.providers.list() if each.id != started.provider_id]
        parameters, other = await browser.agree(started), next(iter(ids), "another-provider")

        await browser.expect_refusal(parameters, FlowReason.PROVIDER_MISMATCH, provider_id=other)

    @requires(*SIGNIN)
    async def test_another_issuer_is_refused(self, subject: BackendUnderTest) -> None:
        """Where the provider names itself (RFC 9207); in any case it does so at most once."""
        browser = Browser(subject)
        parameters = await browser.agree(await browser.start())
        own, evil = value_of(parameters, "iss"), "https://evil.invalid"

        if own:
            foreign = replaced(parameters, "iss", evil)
            await browser.expect_refusal(foreign, FlowReason.ISS_MISMATCH)
        twice = replaced(await browser.agree(await browser.start()), "iss", own or evil, evil)
        await browser.expect_refusal(twice, FlowReason.PARAMETER_REPEATED)

    @requires(*SIGNIN, Capability.LIST_SESSIONS)
    async def test_a_refused_sign_in_leaves_no_session(self, subject: BackendUnderTest) -> None:
        """Not one that nobody holds the token of, either."""
        issued = (await Browser(subject, "alice").sign_in()).issued
        browser = Browser(subject, "alice")
        started = await browser.start()
        parameters = await browser.agree(started)

        await Browser(subject, "alice").expect_refusal(parameters, FlowReason.FLOW_NOT_BOUND)
        await browser.expect_refusal(await browser.cancel(started), FlowReason.ACCESS_DENIED)
        await browser.expect_refusal(parameters, FlowReason.FLOW_USED)

        listed = await subject.backend.sessions.list_for_user(issued.user.id)
        assert [each.handle for each in listed] == [issued.session.handle]


async def _call_back_twice(
    browser: Browser, parameters: Parameters
) -> list[SigninCompleted | FlowRefusedError]:
    """Come back in two tabs at the same time."""
    answers: list[SigninCompleted | FlowRefusedError] = []

    async def call_back() -> None:
        try:
            answers.append(await browser.call_back(parameters))
        except FlowRefusedError as error:
            answers.append(error)

    async with anyio.create_task_group() as tabs:
        tabs.start_soon(call_back)
        tabs.start_soon(call_back)
    return answers
