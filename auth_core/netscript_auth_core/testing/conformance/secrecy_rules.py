"""No credential shows in anything that may be printed: values, errors with their causes, logs, events."""

from collections.abc import Set
from contextlib import suppress

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, AuthRequest, Outcome
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance.browser import Browser, replaced, value_of
from netscript_auth_core.testing.conformance.requirements import requires
from netscript_auth_core.testing.conformance.visits import pass_some_time, visit
from netscript_auth_core.testing.conformance.witness import Witness
from netscript_auth_core.testing.credentials import SHORTEST_SECRET, with_text_replaced
from netscript_auth_core.testing.identity_provider import Parameters


class SecrecyRules:
    """A whole run is watched and then searched for every secret that was given out in it."""

    @requires(Capability.SIGNIN, Capability.CALLBACK)
    async def test_signing_in_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Neither when it works nor when it is refused in one of many ways."""
        witness, browser, secrets = _WatchedBrowser(subject), Browser(subject), set[str]()
        for person in ("alice", "bob"):
            browser.person = person
            started = await witness.witness.ask(browser.start(login_hint=person))
            parameters = await browser.agree(started)
            secrets |= {started.state, started.cookie.value, *_given_out(parameters)}
            await witness.refuse_all_ways(browser, parameters)
            completed = await witness.witness.ask(browser.call_back(parameters, started.provider_id))
            secrets.add(completed.issued.token)
            await witness.witness.ask_in_vain(browser.call_back(parameters))

        _expect_none(witness.witness, subject, secrets)

    async def test_reading_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Of those that are signed in, and of those that send rubbish."""
        visitor, witness = await visit(subject), Witness()
        secrets, tokens = subject.secrets_of(visitor.request), visitor.request.session_tokens
        cut_short = {each: each[:-1] for each in secrets}

        await witness.ask(subject.backend.authenticate(visitor.request))
        for secret, broken in cut_short.items():
            await witness.ask(_tried(subject, with_text_replaced(visitor.request, secret, broken)))
        await witness.ask(subject.backend.authenticate(AuthRequest((*tokens, "another"))))
        await witness.ask(subject.backend.sessions.get(visitor.handle))
        await witness.ask(_recognised(subject, visitor.request))
        witness.take(subject.backend.principals.principal(visitor.session))
        witness.take(visitor.request)
        witness.take(subject.backend)
        async with subject.store_outage():
            visitor.pass_revocation_lag()
            await witness.ask_in_vain(subject.backend.authenticate(visitor.request))
            await witness.ask_in_vain(subject.backend.check_health())

        _expect_none(witness, subject, set(cut_short.values()))

    @requires(Capability.REFRESH)
    async def test_refreshing_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Neither when it works, nor when it fails for now or for good."""
        visitor, witness = await visit(subject), Witness()

        await witness.ask(subject.backend.sessions.refresh(visitor.handle))
        pass_some_time(visitor)
        async with subject.provider.outage():
            await witness.ask_in_vain(subject.backend.sessions.refresh(visitor.handle))
        pass_some_time(visitor)
        await subject.provider.end_grants("alice")
        await witness.ask_in_vain(subject.backend.sessions.refresh(visitor.handle))

        _expect_none(witness, subject, subject.secrets_of(visitor.request))

    @requires(Capability.REVOKE)
    async def test_ending_shows_no_secret(self, subject: BackendUnderTest) -> None:
        """Nor does what is left of the session."""
        visitor, witness = await visit(subject), Witness()

        await witness.ask(subject.backend.sessions.revoke(visitor.handle))
        await witness.ask(subject.backend.authenticate(visitor.request))
        await witness.ask(subject.backend.sessions.get(visitor.handle))
        async with subject.store_outage():
            await witness.ask_in_vain(subject.backend.sessions.revoke(visitor.handle))

        _expect_none(witness, subject, subject.secrets_of(visitor.request))


class _WatchedBrowser:
    """Lets a sign-in go wrong in many ways, and watches what is said of it."""

    def __init__(self, subject: BackendUnderTest) -> None:
        self.subject = subject
        self.witness = Witness()

    async def refuse_all_ways(self, browser: Browser, parameters: Parameters) -> None:
        """Be refused in this flow for what does not use it up, and in others for what does."""
        state, code = value_of(parameters, "state"), value_of(parameters, "code")
        stranger = Browser(self.subject, browser.person)
        ask = self.witness.ask_in_vain
        await ask(stranger.call_back(parameters))
        await ask(browser.call_back([*parameters, ("state", state)]))
        await ask(browser.call_back([*parameters, ("code", code)]))
        await ask(browser.call_back(replaced(parameters, "state", state[:-1] + "\0")))
        empty = await browser.agree(await browser.start())
        await ask(browser.call_back(replaced(empty, "code")))
        cancelled = await browser.start()
        await ask(browser.call_back(await browser.cancel(cancelled)))
        tried = await browser.agree(await browser.start())
        await ask(browser.call_back(replaced(tried, "code", "never-given-out")))
        away = await browser.agree(await browser.start())
        async with self.subject.provider.outage():
            await ask(browser.call_back(away))


def _given_out(parameters: Parameters) -> set[str]:
    return {value_of(parameters, "code"), value_of(parameters, "state")}


async def _recognised(subject: BackendUnderTest, request: AuthRequest) -> str | Anonymous:
    """Ask by a coroutine, so that the log is taken meanwhile."""
    return subject.backend.tokens.recognise(request)


async def _tried(subject: BackendUnderTest, request: AuthRequest) -> Outcome:
    """Recognise and authenticate a credential that was broken."""
    with suppress(BackendUnavailableError):  # the keys at hand do not suffice
        subject.backend.tokens.recognise(request)
    return await subject.backend.authenticate(request)


def _expect_none(witness: Witness, subject: BackendUnderTest, secrets: Set[str]) -> None:
    """Search what was seen for what must not be seen."""
    known = {*secrets, *(subject.identity_provider.secrets() if subject.identity_provider else ())}
    searched = {each for each in known if len(each) >= SHORTEST_SECRET}
    seen = [*witness.texts, *(repr(event) for event in (subject.events.taken if subject.events else ()))]
    shown = [text for text in seen for secret in searched if secret in text]
    assert searched or subject.peer_vouches, "the run gave out no secret, so nothing was judged"
    assert not shown, f"a secret shows in {len(shown)} of {len(seen)} texts, such as: {shown[0][:300]}"
