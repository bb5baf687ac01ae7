"""auth-api with the default backend and an OpenID provider, all in this process."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import EventName
from netscript_auth_core.testing.recorded_events import RecordedEvents
from netscript_auth_kv_oauth import KvOAuthBackend, create_kv_oauth_backend, providers
from netscript_dev_provider import Client, Misbehaviour
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.support.auth_api import (
    FLOW_PREFIX,
    NAVIGATING,
    PREFIX,
    PUBLIC_URL,
    SAME_ORIGIN,
    SESSION_COOKIE,
    client_of,
    set_cookies,
    settings_from,
)

CALLBACK = f"{PUBLIC_URL}{PREFIX}/callback"
SECRET = "a-client-secret-of-the-tests"


@dataclass(frozen=True)
class System:
    """Everything, running."""

    service: Service
    backend: KvOAuthBackend
    provider: DevProvider
    clock: SettableClock
    events: RecordedEvents

    async def sign_in(self, browser: httpx.AsyncClient, persona: str = "alice") -> httpx.Response:
        return await browser.get(await self.agree(browser, persona))

    async def agree(self, browser: httpx.AsyncClient, persona: str = "alice") -> str:
        begun = await browser.get(f"{PREFIX}/signin")
        return await self.provider.sign_in(begun.headers["location"], persona)


@pytest.fixture
async def system() -> AsyncGenerator[System]:
    clock, events = SettableClock(), RecordedEvents()
    provider = DevProvider("https://idp.localhost", Client("app", SECRET, (CALLBACK,)), clock=clock.now)
    store, keys = MemoryKvStore(clock), KeyRing([bytes(range(32))])
    registered = providers.oidc(
        issuer=provider.issuer,
        client_id="app",
        client_secret=SECRET,
        redirect_uri=CALLBACK,
        scopes=("openid", "email", "profile", "offline_access"),
    )
    async with httpx.AsyncClient(transport=provider.transport) as http:
        backend = create_kv_oauth_backend(
            registered,
            store=store,
            keys=keys,
            clock=clock,
            http=http,
            users=UserDirectory(store, clock),
            events=events,
        )
        service = create_auth_service(settings_from(), backend, store, keys=keys, clock=clock, events=events)
        await service.start()
        yield System(service, backend, provider, clock, events)
        await service.stop()


@pytest.fixture
async def browser(system: System) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(system.service, NAVIGATING) as client:
        yield client


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    return bool((await browser.get(f"{PREFIX}/session")).json()["authenticated"])


async def test_a_person_signs_in_is_known_and_signs_out(system: System, browser: httpx.AsyncClient) -> None:
    answer = await system.sign_in(browser)
    me = (await browser.get(f"{PREFIX}/me")).json()
    account = await browser.get("/account")
    await browser.post(f"{PREFIX}/signout", json={}, headers=SAME_ORIGIN)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert me["user"]["email"] == "alice@example.test"
    assert "<h1>Alice Example</h1>" in account.text
    assert not await is_signed_in(browser)


async def test_the_cookies_of_a_sign_in_fit_into_what_browsers_keep(
    system: System, browser: httpx.AsyncClient
) -> None:
    begun = await browser.get(f"{PREFIX}/signin")
    completed = await system.sign_in(browser)

    lines = [*set_cookies(begun).values(), *set_cookies(completed).values()]
    assert len(lines) == 3
    assert all(len(line.partition(";")[0]) < 1024 for line in lines)
    assert all(line.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure") for line in lines)


async def test_own_sessions_stay_as_they_are_while_they_are_refreshed(
    system: System, browser: httpx.AsyncClient
) -> None:
    async with client_of(system.service, {**NAVIGATING, "user-agent": "Phone/1"}) as phone:
        await system.sign_in(browser)
        system.clock.advance(timedelta(minutes=1))
        await system.sign_in(phone)
        before = (await browser.get(f"{PREFIX}/sessions")).json()["sessions"]
        for _ in range(3):
            system.clock.advance(timedelta(minutes=5))
            for each in (browser, phone):
                assert await is_signed_in(each)
            await system.backend.settle()

        listed = (await browser.get(f"{PREFIX}/sessions")).json()["sessions"]
        account = (await browser.get("/account")).text

    assert [event.name for event in system.events.taken].count(EventName.TOKEN_REFRESHED) == 6
    assert [session["handle"] for session in listed] == [session["handle"] for session in before]
    assert [session["device"].get("userAgent", "").split("/")[0] for session in listed] == [
        "Phone",
        "Mozilla",
    ]
    assert [session["current"] for session in listed] == [False, True]
    assert {session["lastSeenAt"] for session in listed} == {"2026-01-01T00:16:00Z"}
    assert account.count("Last seen") == 2
    assert account.count(">just now</time>") == 2


async def test_a_session_that_is_ended_from_the_account_page_ends_at_the_provider_too(
    system: System, browser: httpx.AsyncClient
) -> None:
    async with client_of(system.service, NAVIGATING) as phone:
        await system.sign_in(browser)
        await system.sign_in(phone)
        listed = (await browser.get(f"{PREFIX}/sessions")).json()["sessions"]
        (handle,) = [session["handle"] for session in listed if not session["current"]]
        form = {**SAME_ORIGIN, "content-type": "application/x-www-form-urlencoded"}

        await browser.post("/account/sessions/revoke", content=urlencode({"handle": handle}), headers=form)
        await system.backend.settle()

        assert not await is_signed_in(phone)
        assert await is_signed_in(browser)
    told = [event.name for event in system.events.taken]
    assert told[-2:] == [EventName.SESSION_REVOKED, EventName.UPSTREAM_ENDED]


async def test_one_person_keeps_one_id_over_sign_ins(system: System, browser: httpx.AsyncClient) -> None:
    ids: list[str] = []
    for _ in range(2):
        await system.sign_in(browser)
        ids.append((await browser.get(f"{PREFIX}/me")).json()["user"]["id"])

    assert ids[0] == ids[1]


async def test_a_replayed_callback_says_that_one_is_signed_in_already(
    system: System, browser: httpx.AsyncClient
) -> None:
    address = await system.agree(browser)
    await browser.get(address)

    shown = await browser.get(address)

    assert shown.status_code == 409
    assert "You are already signed in" in shown.text
    assert "flow_used" in shown.text
    assert await is_signed_in(browser)


async def test_the_attackers_callback_signs_no_victim_in(system: System, browser: httpx.AsyncClient) -> None:
    address = await system.agree(browser, "bob")
    async with client_of(system.service, NAVIGATING) as victim:
        answer = await victim.get(address)

        assert answer.status_code == 403
        assert "flow_not_bound" in answer.text
        assert not set_cookies(answer)
        assert not await is_signed_in(victim)


async def test_a_sign_in_that_took_too_long_has_expired(system: System, browser: httpx.AsyncClient) -> None:
    address = await system.agree(browser)
    system.clock.advance(timedelta(minutes=10))

    answer = await browser.get(address)

    assert answer.status_code == 410
    assert not await is_signed_in(browser)


async def test_two_tabs_complete_in_reverse_order(system: System, browser: httpx.AsyncClient) -> None:
    first, second = await system.agree(browser, "alice"), await system.agree(browser, "bob")

    answers = [await browser.get(address) for address in (second, first)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await browser.get(f"{PREFIX}/me")).json()["user"]["email"] == "alice@example.test"
    assert not [name for name in browser.cookies if name.startswith(FLOW_PREFIX)]


async def test_a_form_post_re_enters_by_get_with_the_cookies(
    system: System, browser: httpx.AsyncClient
) -> None:
    given = parse_qs(urlsplit(await system.agree(browser)).query)
    form = urlencode({name: values[0] for name, values in given.items()} | {"user": '{"name": "A"}'})
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "https://idp.localhost"}
    async with client_of(system.service, NAVIGATING) as without_cookies:
        posted = await without_cookies.post(f"{PREFIX}/callback", content=form, headers=headers)
    browser.cookies.update(posted.cookies)

    answer = await browser.get(posted.headers["location"])

    assert (posted.status_code, answer.status_code) == (303, 303)
    assert await is_signed_in(browser)


@pytest.mark.parametrize(
    ("misbehaviour", "status", "reason"),
    [
        (Misbehaviour.WRONG_NONCE, 403, "nonce_mismatch"),
        (Misbehaviour.ALG_NONE, 403, "id_token_invalid"),
    ],
)
async def test_a_provider_that_cannot_be_trusted_signs_nobody_in(
    system: System, browser: httpx.AsyncClient, misbehaviour: Misbehaviour, status: int, reason: str
) -> None:
    system.provider.misbehave(misbehaviour)

    answer = await system.sign_in(browser)

    assert (answer.status_code, reason in answer.text) == (status, True)
    assert SESSION_COOKIE not in set_cookies(answer)
    assert system.events.taken[-1].reason == reason
    assert system.events.taken[-1].request_id == answer.headers["x-request-id"]
