"""Sign-in, from the wish to the session."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.cookie_limits import check_flow_cookie, check_session_token
from netscript_auth_core.domain import SessionState
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Authenticated, SigninRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import Visit

SIGNIN = (Capability.SIGNIN, Capability.CALLBACK)
MANY = 20


class SigninRules:
    """What a sign-in begins with, and what it yields."""

    @requires(*SIGNIN)
    async def test_a_sign_in_lets_the_person_in(self, subject: BackendUnderTest) -> None:
        """The person is the one that the provider knows."""
        browser, known = Browser(subject, "alice"), subject.provider.identity("alice")

        completed = await browser.sign_in()

        user = completed.issued.user
        assert (known.issuer, known.subject) in [(each.issuer, each.subject) for each in user.accounts]
        assert (user.name, user.email, user.email_verified) == (known.name, known.email, known.email_verified)
        visitor = Visit(subject, browser.request, completed.issued.session, user)
        assert (await visitor.expect_signed_in()).user == user

    @requires(*SIGNIN)
    async def test_a_session_says_whose_it_is_and_how_long_it_lasts(self, subject: BackendUnderTest) -> None:
        """It is active, begins now and ends later."""
        browser, now = Browser(subject), subject.clock.now()

        issued = (await browser.sign_in()).issued

        session = issued.session
        assert session.user_id == issued.user.id
        assert session.backend == subject.backend.name
        assert session.state is SessionState.ACTIVE
        assert abs(session.created_at - now) < timedelta(minutes=1), "an upstream's clock may differ a little"
        assert session.created_at <= session.last_seen_at
        assert now < session.idle_expires_at
        assert now < session.expires_at
        assert session.device == browser.device
        assert await subject.backend.sessions.get(session.handle) == session

    @requires(*SIGNIN)
    async def test_a_sign_in_ends_where_it_was_meant_to(self, subject: BackendUnderTest) -> None:
        """The destination was fixed at the start; what the callback says of it is not heard."""
        browser = Browser(subject)
        started = await browser.start(return_to="/orders?page=2#last")
        parameters = [
            *await browser.agree(started),
            ("redirectTo", "/elsewhere"),
            ("return_to", "/elsewhere"),
        ]

        completed = await browser.call_back(parameters, started.provider_id)

        assert completed.return_to == "/orders?page=2#last"
        assert completed.flow_id == started.cookie.flow_id
        assert completed.issued.session.provider_id == started.provider_id

    @requires(*SIGNIN)
    async def test_the_same_person_is_the_same_user_each_time(self, subject: BackendUnderTest) -> None:
        """In another browser too, and later."""
        first = await Browser(subject, "alice").sign_in()
        subject.clock.advance(first.issued.session.expires_at - subject.clock.now())

        second = await Browser(subject, "alice").sign_in()

        assert second.issued.user.id == first.issued.user.id

    @requires(*SIGNIN)
    async def test_different_persons_are_different_users(self, subject: BackendUnderTest) -> None:
        """Nobody ends up in somebody else's account."""
        alice = await Browser(subject, "alice").sign_in()

        bob = await Browser(subject, "bob").sign_in()

        assert bob.issued.user.id != alice.issued.user.id

    @requires(*SIGNIN)
    async def test_every_sign_in_has_a_token_and_a_handle_of_its_own(self, subject: BackendUnderTest) -> None:
        """And no token is a handle: a handle may be shown."""
        browser = Browser(subject)

        issued = [(await browser.sign_in()).issued for _ in range(3)]

        assert len({each.token for each in issued} | {each.session.handle for each in issued}) == 6

    @requires(*SIGNIN)
    async def test_two_sign_ins_at_once_in_one_browser_both_complete(self, subject: BackendUnderTest) -> None:
        """Two tabs, completed in reverse order; the later completion is who the browser is."""
        browser = Browser(subject)
        first, second = await browser.start("/first"), await browser.start("/second")
        of_first, of_second = await browser.agree(first), await browser.agree(second)

        earlier = await browser.call_back(of_second, second.provider_id)
        later = await browser.call_back(of_first, first.provider_id)

        assert (earlier.return_to, later.return_to) == ("/second", "/first")
        visitor = Visit(subject, browser.request, later.issued.session, later.issued.user)
        await visitor.expect_signed_in()

    @requires(*SIGNIN)
    async def test_beginning_to_sign_in_leaves_the_session_alone(self, subject: BackendUnderTest) -> None:
        """Somebody who closes the provider's page is still who they were."""
        browser = Browser(subject)
        issued = (await browser.sign_in()).issued

        await browser.start()

        await Visit(subject, browser.request, issued.session, issued.user).expect_signed_in()

    @requires(*SIGNIN)
    @pytest.mark.parametrize("person", ["alice", "bob"])
    async def test_a_new_sign_in_ends_the_session_before_it(
        self, subject: BackendUnderTest, person: str
    ) -> None:
        """Of the same browser, whoever's it was: nobody keeps a share in what comes next."""
        browser = Browser(subject, "alice")
        issued = (await browser.sign_in()).issued
        before = Visit(subject, browser.request, issued.session, issued.user)
        browser.person = person

        await browser.sign_in()

        await before.expect_revoked()
        assert isinstance(await browser.outcome(), Authenticated)

    @requires(*SIGNIN)
    async def test_a_sign_in_that_fails_leaves_the_session_alone(self, subject: BackendUnderTest) -> None:
        """Cancelling is not signing out."""
        browser = Browser(subject)
        issued = (await browser.sign_in()).issued
        started = await browser.start()

        await browser.expect_refusal(await browser.cancel(started), FlowReason.ACCESS_DENIED)

        await Visit(subject, browser.request, issued.session, issued.user).expect_signed_in()

    @requires(*SIGNIN)
    async def test_no_two_sign_ins_share_state_or_cookie(self, subject: BackendUnderTest) -> None:
        """128 random bits are 22 characters of base64url."""
        browser = Browser(subject)

        started = [await browser.start() for _ in range(MANY)]

        assert len({each.state for each in started} | {each.cookie.value for each in started}) == 2 * MANY
        assert len({each.redirect_url for each in started}) == MANY
        assert all(len(each.state) >= 22 for each in started)
        assert all(each.cookie.value not in each.redirect_url for each in started)

    @requires(*SIGNIN)
    async def test_what_is_left_in_a_browser_fits_into_cookies(self, subject: BackendUnderTest) -> None:
        """The longest destination there is included: no flow is begun whose cookie a browser drops."""
        browser, name = Browser(subject), subject.backend.name

        started = await browser.start(return_to="/" + "a" * 2047)
        completed = await browser.call_back(await browser.agree(started), started.provider_id)

        check_flow_cookie(name, started.cookie)
        check_session_token(name, completed.issued.token)
        assert started.cookie.lifetime >= timedelta(seconds=1)

    @requires(*SIGNIN)
    @pytest.mark.parametrize(
        "hint", ["ann@acme.example", "a&prompt=none&redirect_uri=https://evil.invalid", "a\r\nX: y#?%00 é"]
    )
    async def test_a_login_hint_is_one_parameter_at_most(self, subject: BackendUnderTest, hint: str) -> None:
        """It adds nothing else to the provider's address, whatever it contains."""
        browser = Browser(subject)
        plain = parse_qsl(urlsplit((await browser.start()).redirect_url).query, keep_blank_values=True)

        url = (await browser.start(login_hint=hint)).redirect_url

        hinted = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        assert url.isascii()
        assert url.isprintable()
        assert sorted(name for name, _ in hinted if name != "login_hint") == sorted(name for name, _ in plain)
        assert [value for name, value in hinted if name == "login_hint"] in ([], [hint])

    @requires(*SIGNIN)
    @pytest.mark.parametrize("provider_id", ["nobody-has-this-id", "../x", "x" * 10_000, ""])
    async def test_an_unknown_provider_is_refused(self, subject: BackendUnderTest, provider_id: str) -> None:
        """Without repeating what was asked for."""
        with pytest.raises(InvalidInputError) as caught:
            await subject.interactive.start(SigninRequest(provider_id, "/"))

        assert not provider_id or provider_id not in str(caught.value)

    @requires(*SIGNIN)
    async def test_scopes_beyond_the_configured_are_refused(self, subject: BackendUnderTest) -> None:
        """Nothing is asked of the provider that the operator did not configure."""
        choice = subject.backend.providers.list()
        request = SigninRequest(choice[0].id if choice else None, "/", scopes=("admin-of-everything",))

        with pytest.raises(InvalidInputError):
            await subject.interactive.start(request)
