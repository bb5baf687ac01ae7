"""The workos backend behind auth-api: renewed cookies on their way, refusals that lead on, sign-out."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.backends import find_backend, installed_backends
from netscript_auth_core.ports import SignoutRequest
from netscript_auth_workos import definition
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.support.auth_api import PREFIX, SAME_ORIGIN, client_of, settings_from
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.pretend_workos import open_pretend
from tests.workos.workos_desk import COOKIE, Desk, cookie_request, open_desk, python_cookie

pytestmark = pytest.mark.peer

LIFE = timedelta(minutes=5)
SIGN_IN_URL = "https://acme.example/login"


@dataclass
class Counter:
    """A service, and what stands behind it."""

    desk: Desk
    service: Service

    async def browser(self) -> httpx.AsyncClient:
        """A browser in which alice has signed in at the application."""
        browser = client_of(self.service, {"accept": "application/json"})
        cookie = python_cookie(await self.desk.begin_session())
        browser.cookies.set(COOKIE, cookie, domain="auth.acme.example")
        return browser


@asynccontextmanager
async def _open(emulator: WorkOSEmulator, **variables: str) -> AsyncGenerator[Counter]:
    async with open_desk(emulator, (), None, **variables) as desk:
        service = create_auth_service(
            settings_from(), desk.backend, desk.store, keys=desk.keys, clock=desk.clock, events=desk.events
        )
        await service.start()
        try:
            yield Counter(desk, service)
        finally:
            await service.stop()


@pytest.fixture
async def counter(workos_emulator: WorkOSEmulator) -> AsyncGenerator[Counter]:
    async with _open(workos_emulator, WORKOS_SIGN_IN_URL=SIGN_IN_URL) as counter:
        yield counter


def test_the_service_finds_it_by_its_name() -> None:
    assert "workos" in installed_backends()
    assert find_backend("workos") is definition


@pytest.mark.parametrize("path", ["/session", "/me", "/sessions"])
async def test_a_renewed_cookie_comes_with_the_answer_and_replaces_the_old_one(
    counter: Counter, path: str
) -> None:
    browser = await counter.browser()
    before = browser.cookies[COOKIE]
    counter.desk.clock.advance(LIFE)

    answer = await browser.get(f"{PREFIX}{path}")

    assert answer.status_code == httpx.codes.OK, answer.text
    (line,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}=")]
    assert "; Secure; HttpOnly; SameSite=Lax" in line
    assert browser.cookies.get(COOKIE, domain="auth.acme.example") != before or before not in line


async def test_signing_in_is_refused_with_the_way_on(counter: Counter) -> None:
    program = client_of(counter.service, {"accept": "application/json"})

    for path in ("/signin", "/callback?code=c&state=s"):
        answer = await program.get(f"{PREFIX}{path}")
        assert answer.status_code == httpx.codes.NOT_IMPLEMENTED
        problem = answer.json()
        assert problem["code"] == "AUTH_OPERATION_UNSUPPORTED"
        assert problem["data"]["signInUrl"] == SIGN_IN_URL


async def test_a_sign_out_ends_the_session_at_workos(counter: Counter) -> None:
    browser = await counter.browser()
    await browser.get(f"{PREFIX}/session")

    answer = await browser.post(f"{PREFIX}/signout", json={}, headers=SAME_ORIGIN)

    assert answer.json()["upstream"] == {"status": "done"}
    assert await counter.desk.environment.sessions("alice") == []
    seen = (await browser.get(f"{PREFIX}/session")).json()
    assert (seen["authenticated"], seen["reason"]) == (False, "session_revoked")


async def test_a_sign_out_sends_the_browser_to_authkit_where_that_is_wished() -> None:
    async with open_pretend(WORKOS_END_SESSION="true") as (workos, backend):
        await backend.authenticate(cookie_request(workos.cookie()))

        signed_out = await backend.signout.end(
            SignoutRequest("session_01", "https://auth.acme.example/signed-out", "the state")
        )

    url = httpx.URL(signed_out.end_session_url or "")
    assert (url.host, url.path) == ("api.workos.com", "/user_management/sessions/logout")
    assert dict(url.params) == {
        "session_id": "session_01",
        "return_to": "https://auth.acme.example/signed-out?state=the+state",
    }
    assert workos.count("/sessions/revoke") == 1


async def test_a_sign_out_that_workos_was_not_told_of_is_no_sign_out(counter: Counter) -> None:
    browser = await counter.browser()
    await browser.get(f"{PREFIX}/session")

    async with counter.desk.wire.outage():
        answer = await browser.post(f"{PREFIX}/signout", json={}, headers=SAME_ORIGIN)

    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "set-cookie" not in answer.headers
    assert (await browser.get(f"{PREFIX}/session")).json()["authenticated"] is True


async def test_another_session_of_the_person_can_be_ended_by_its_handle(counter: Counter) -> None:
    browser, elsewhere = await counter.browser(), await counter.desk.begin_session()
    listed = (await browser.get(f"{PREFIX}/sessions")).json()["sessions"]
    (handle,) = [each["handle"] for each in listed if not each["current"]]

    answer = await browser.delete(f"{PREFIX}/sessions/{handle}", headers=SAME_ORIGIN)

    assert answer.status_code == httpx.codes.OK, answer.text
    left = [each["id"] for each in await counter.desk.environment.sessions("alice")]
    assert handle not in left
    assert len(left) == 1
    assert elsewhere["access_token"] not in str(listed)


async def test_while_workos_is_away_nobody_is_told_to_be_anonymous(counter: Counter) -> None:
    browser = await counter.browser()
    counter.desk.clock.advance(LIFE)

    async with counter.desk.wire.outage():
        answer = await browser.get(f"{PREFIX}/me")

    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.headers["retry-after"]
    assert "set-cookie" not in answer.headers
