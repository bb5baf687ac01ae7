"""Sign-in at AuthKit through us: what is asked of it, whom to believe, and how long a session goes on."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from netscript_auth_core.domain import Device
from netscript_auth_core.errors import (
    BackendUnavailableError,
    FlowRefusedError,
    InvalidInputError,
    RestartSigninError,
)
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    CallbackRequest,
    IssuedSession,
    Outcome,
    SigninRequest,
    SignoutRequest,
)
from netscript_auth_core.reasons import AnonymousReason, FlowReason
from netscript_auth_workos import WorkOSSettings
from netscript_auth_workos.interactive.interactive_backend import InteractiveWorkOSBackend
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_plugin_auth.composition import create_auth_service
from tests.support.auth_api import FLOW_PREFIX, NAVIGATING, PREFIX, SESSION_COOKIE, client_of, settings_from
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.workos_desk import AUTHENTICATE, PASSWORD, Desk, open_desk

pytestmark = pytest.mark.peer

LIFE = timedelta(minutes=5)
EXPIRED = Anonymous(AnonymousReason.SESSION_EXPIRED)


@pytest.fixture
async def desk(workos_emulator: WorkOSEmulator) -> AsyncGenerator[Desk]:
    async with open_desk(workos_emulator) as desk:
        yield desk


@pytest.fixture
async def backend(desk: Desk) -> AsyncGenerator[InteractiveWorkOSBackend]:
    backend = desk.open_interactive()
    yield backend
    await backend.aclose()


async def _sign_in(desk: Desk, backend: InteractiveWorkOSBackend, person: str = "alice") -> IssuedSession:
    started = await backend.interactive.start(SigninRequest(None, "/"))
    parameters = await desk.sign_in(started.redirect_url, person)
    cookies = {started.cookie.flow_id: started.cookie.value}
    request = CallbackRequest(parameters, flow_cookies=cookies, device=Device(user_agent="a browser"))
    return (await backend.interactive.complete(request)).issued


async def _ask(backend: InteractiveWorkOSBackend, issued: IssuedSession) -> Outcome:
    return await backend.authenticate(AuthRequest((issued.token,)))


async def test_authkit_is_asked_with_a_challenge_and_a_state_and_nothing_of_the_verifier(
    backend: InteractiveWorkOSBackend,
) -> None:
    started = await backend.interactive.start(SigninRequest(None, "/", login_hint="a&prompt=none"))

    query = parse_qs(urlsplit(started.redirect_url).query)
    assert set(query) == {
        *("client_id", "redirect_uri", "response_type", "provider", "state"),
        *("code_challenge", "code_challenge_method", "login_hint"),
    }
    assert (query["provider"], query["code_challenge_method"]) == (["authkit"], ["S256"])
    assert query["login_hint"] == ["a&prompt=none"]
    assert query["redirect_uri"] == ["http://127.0.0.1:1/api/v1/auth/callback"]


async def test_a_session_is_the_same_persons_as_by_the_applications_cookie(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    by_cookie = await desk.backend.authenticate(await desk.visit())

    issued = await _sign_in(desk, backend)

    assert isinstance(by_cookie, Authenticated)
    assert issued.user.id == by_cookie.identity.user.id
    assert issued.session.device.user_agent == "a browser"


async def test_until_it_is_due_a_session_answers_without_workos(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued = await _sign_in(desk, backend)
    asked = len(desk.wire.requests)
    desk.clock.advance(LIFE - timedelta(seconds=1))

    outcome = await _ask(backend, issued)

    assert isinstance(outcome, Authenticated)
    assert outcome.cookies == ()
    assert len(desk.wire.requests) == asked


async def test_fifty_reads_in_two_processes_renew_a_session_once(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued, other = await _sign_in(desk, backend), desk.open_interactive()
    desk.clock.advance(LIFE)
    before, outcomes = desk.wire.count(AUTHENTICATE), list[Outcome]()

    async def ask(each: InteractiveWorkOSBackend) -> None:
        outcomes.append(await _ask(each, issued))

    async with anyio.create_task_group() as requests:
        for _ in range(25):
            requests.start_soon(ask, backend)
            requests.start_soon(ask, other)
    await other.aclose()

    assert [type(each) for each in outcomes] == [Authenticated] * 50
    assert desk.wire.count(AUTHENTICATE) == before + 1


async def test_a_session_whose_token_cannot_be_opened_goes_on_while_workos_lists_it(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued = await _sign_in(desk, backend)
    without_key = desk.open_interactive(KeyRing(parse_keys(generate_key())))
    desk.clock.advance(LIFE)

    listed = await _ask(without_key, issued)
    await desk.environment.end_sessions("alice")
    desk.clock.advance(LIFE)
    ended = await _ask(without_key, issued)
    await without_key.aclose()

    assert isinstance(listed, Authenticated)
    assert ended == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_a_refusal_alone_ends_no_session_that_workos_still_lists(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued = await _sign_in(desk, backend)
    spent = desk.wire.tokens[-1].decode()
    client = {"client_id": desk.environment.client_id, "client_secret": desk.environment.api_key}
    wish = {"grant_type": "refresh_token", "refresh_token": spent, **client}
    assert (await desk.environment.post("/user_management/authenticate", wish)).is_success
    desk.clock.advance(LIFE)

    outcome = await _ask(backend, issued)

    assert isinstance(outcome, Authenticated)


async def test_what_workos_says_of_a_person_is_fresh_after_a_renewal(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued = await _sign_in(desk, backend)
    await desk.environment.rename("alice", "Alicia")
    desk.clock.advance(LIFE)

    outcome = await _ask(backend, issued)

    assert isinstance(outcome, Authenticated)
    assert (issued.user.name, outcome.identity.user.name) == ("Alice Acme", "Alicia Acme")


async def test_no_token_of_workos_stands_in_the_store(desk: Desk, backend: InteractiveWorkOSBackend) -> None:
    issued = await _sign_in(desk, backend)
    desk.clock.advance(LIFE)
    await _ask(backend, issued)

    kept = await desk.store.list_owned(f"auth/workos-sessions/{issued.user.id}")

    assert len(kept) == 1
    for secret in (*desk.wire.tokens, issued.token.encode()):
        assert secret not in kept[0].value
        assert secret not in kept[0].key.encode()


async def test_a_person_of_the_dashboard_who_acts_as_another_is_not_let_in(
    workos_emulator: WorkOSEmulator,
) -> None:
    async with open_desk(workos_emulator, claims={"act": {"sub": "admin@acme.test"}}) as desk:
        backend = desk.open_interactive()
        with pytest.raises(FlowRefusedError) as caught:
            await _sign_in(desk, backend)
        await backend.aclose()

    assert caught.value.code is FlowReason.PROVIDER_REFUSED


async def test_scopes_cannot_be_asked_for(backend: InteractiveWorkOSBackend) -> None:
    with pytest.raises(InvalidInputError):
        await backend.interactive.start(SigninRequest(None, "/", scopes=("admin",)))


async def test_the_applications_cookie_is_not_looked_at(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    outcome = await backend.authenticate(await desk.visit())

    assert outcome == Anonymous(AnonymousReason.NO_SESSION)


async def test_a_sign_out_ends_the_session_at_workos(desk: Desk, backend: InteractiveWorkOSBackend) -> None:
    issued = await _sign_in(desk, backend)

    signed_out = await backend.signout.end(SignoutRequest(issued.session.handle, "https://a.example", "s"))

    assert signed_out.ended == 1
    assert await desk.environment.sessions("alice") == []
    assert await _ask(backend, issued) == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_a_sign_in_that_workos_began_has_to_begin_here_once(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    started = await backend.interactive.start(SigninRequest(None, "/"))
    unasked = [pair for pair in await desk.sign_in(started.redirect_url, "alice") if pair[0] == "code"]

    with pytest.raises(RestartSigninError):
        await backend.interactive.complete(CallbackRequest(unasked))

    cookies = {started.cookie.flow_id: started.cookie.value}
    with pytest.raises(FlowRefusedError) as caught:
        await backend.interactive.complete(CallbackRequest(unasked, flow_cookies=cookies))
    assert caught.value.code is FlowReason.PARAMETER_MISSING
    assert not isinstance(caught.value, RestartSigninError)


async def test_without_workos_a_session_that_is_due_is_neither_signed_in_nor_anonymous(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    issued = await _sign_in(desk, backend)
    desk.clock.advance(LIFE)

    async with desk.wire.outage():
        with pytest.raises(BackendUnavailableError):
            await _ask(backend, issued)

    assert isinstance(await _ask(backend, issued), Authenticated)


@asynccontextmanager
async def _browser(desk: Desk, backend: InteractiveWorkOSBackend) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser before auth-api."""
    service = create_auth_service(
        settings_from(), backend, desk.store, keys=desk.keys, clock=desk.clock, events=desk.events
    )
    await service.start()
    try:
        async with client_of(service, NAVIGATING) as browser:
            yield browser
    finally:
        await service.stop()


async def test_a_browser_signs_in_through_auth_api(desk: Desk, backend: InteractiveWorkOSBackend) -> None:
    async with _browser(desk, backend) as browser:
        begun = await browser.get(f"{PREFIX}/signin")
        parameters = await desk.sign_in(begun.headers["location"], "alice")

        landed = await browser.get(f"{PREFIX}/callback", params=tuple(parameters))

        assert landed.is_redirect
        assert SESSION_COOKIE in browser.cookies
        seen = (await browser.get(f"{PREFIX}/me", headers={"accept": "application/json"})).json()
    assert seen["user"]["email"] == "alice@acme.test"


async def test_a_browser_that_workos_sends_unasked_is_led_to_sign_in_and_never_in_a_circle(
    desk: Desk, backend: InteractiveWorkOSBackend
) -> None:
    async with _browser(desk, backend) as browser:
        led_on = await browser.get(f"{PREFIX}/callback?code=unasked")
        begun = await browser.get(led_on.headers["location"])
        again = await browser.get(f"{PREFIX}/callback?code=unasked")
        by_program = await browser.get(
            f"{PREFIX}/callback?code=unasked", headers={"accept": "application/json"}
        )

    assert led_on.headers["location"] == f"{PREFIX}/signin"
    assert begun.headers["location"].startswith(desk.environment.base_url)
    assert any(name.startswith(FLOW_PREFIX) for name in begun.cookies)
    assert again.status_code == by_program.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert SESSION_COOKIE not in browser.cookies


def test_what_would_be_passed_over_is_a_fault() -> None:
    variables = {
        "WORKOS_API_KEY": "sk_live_secret",
        "WORKOS_CLIENT_ID": "client_01",
        "NETSCRIPT_AUTH_WORKOS_INTERACTIVE": "true",
    }
    assert WorkOSSettings.from_environment(variables).interactive

    with pytest.raises(ConfigurationError) as caught:
        WorkOSSettings.from_environment(
            {**variables, "WORKOS_COOKIE_PASSWORD": PASSWORD, "WORKOS_COOKIE_NAME": "wos-session"}
        )

    faults = {fault.variable: fault.problem for fault in caught.value.faults}
    assert set(faults) == {"WORKOS_COOKIE_PASSWORD", "WORKOS_COOKIE_NAME"}
    assert all("NETSCRIPT_AUTH_WORKOS_INTERACTIVE too" in problem for problem in faults.values())
