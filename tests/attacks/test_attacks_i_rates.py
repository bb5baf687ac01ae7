"""Catalogue I5: who asks too often is told to wait, and nobody else is."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.support.auth_api import (
    NAVIGATING,
    PREFIX,
    PUBLIC_URL,
    SAME_ORIGIN,
    SESSION_COOKIE,
    AuthApi,
    running_auth_api,
)

RATE = "300/m"
MINUTE, TOO_MANY = 60, 429
SIGNIN, CALLBACK = f"{PREFIX}/signin", f"{PREFIX}/callback"
PROXY, OURS = "10.1.2.3", "10.1.2.0/24"
JSON = {"accept": "application/json"}


def _from(api: AuthApi, peer: str, **headers: str) -> httpx.AsyncClient:
    """A browser at an address."""
    transport = httpx.ASGITransport(api.service.app, client=(peer, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers={**NAVIGATING, **headers})


def _limited(api: AuthApi) -> list[str | None]:
    return [each.request_id for each in api.events.taken if each.name is EventName.REQUEST_LIMITED]


@asynccontextmanager
async def _signed_in(api: AuthApi, peer: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with _from(api, peer) as browser:
        assert (await api.sign_in(browser)).status_code == httpx.codes.SEE_OTHER
        yield browser


async def test_i5_a_thousand_sign_ins_a_minute_from_one_network_are_cut_to_its_rate() -> None:
    async with running_auth_api(RATE_LIMIT=RATE) as api:
        answers: list[int] = []
        for number in range(1000):
            path = SIGNIN if number % 2 else f"{CALLBACK}?code=guess&state=guess{number}"
            async with _from(api, f"2001:db8:1:2::{number:x}") as thief:
                answers.append((await thief.get(path)).status_code)
            api.clock.advance(timedelta(seconds=MINUTE / 1000))
        async with _from(api, "2001:db8:1:3::1") as other, _from(api, "2001:db8:1:2::1") as thief:
            of_the_other = await other.get(SIGNIN)
            of_the_thief = [await thief.get(SIGNIN, headers=JSON) for _ in range(2)]

    admitted = [status for status in answers if status != TOO_MANY]
    assert 300 <= len(admitted) <= 600
    assert set(answers[:300]) == {302, 403}
    assert of_the_other.status_code == httpx.codes.FOUND
    assert of_the_thief[-1].status_code == httpx.codes.TOO_MANY_REQUESTS
    assert 1 <= int(of_the_thief[-1].headers["retry-after"]) <= MINUTE


async def test_i5_addresses_that_rotate_keep_no_limit_from_working_and_lock_nobody_out() -> None:
    async with running_auth_api(RATE_LIMIT=RATE) as api, _from(api, "203.0.113.7") as heavy:
        for _ in range(300):
            await heavy.get(SIGNIN)
        for number in range(2000):
            async with _from(api, f"2001:db8:{number:x}::1") as one_of_many:
                assert (await one_of_many.get(SIGNIN)).status_code == httpx.codes.FOUND

        assert (await heavy.get(SIGNIN)).status_code == httpx.codes.TOO_MANY_REQUESTS


async def test_i5_one_session_is_limited_wherever_it_comes_from() -> None:
    async with running_auth_api(RATE_LIMIT=RATE) as api, _signed_in(api, "203.0.113.7") as owner:
        token = owner.cookies[SESSION_COOKIE]
        statuses: list[int] = []
        for number in range(100):
            async with _from(api, f"2001:db8:{number:x}::1") as thief:
                thief.cookies.set(SESSION_COOKIE, token)
                statuses.append((await thief.get(f"{PREFIX}/sessions")).status_code)
        async with _signed_in(api, "203.0.113.7") as somebody_else:
            of_somebody_else = await somebody_else.get(f"{PREFIX}/sessions")

    assert statuses == [200] * 60 + [429] * 40
    assert of_somebody_else.status_code == httpx.codes.OK


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", SIGNIN),
        ("POST", SIGNIN),
        ("GET", CALLBACK),
        ("GET", f"{CALLBACK}/pretend"),
        ("POST", CALLBACK),
        ("POST", f"{CALLBACK}/pretend"),
        ("POST", f"{PREFIX}/signout"),
        ("GET", f"{PREFIX}/sessions"),
        ("DELETE", f"{PREFIX}/sessions/some-handle"),
        ("GET", "/account"),
        ("POST", "/account/signout"),
        ("POST", "/account/sessions/revoke"),
    ],
)
async def test_i5_every_way_that_costs_or_creates_something_is_limited(method: str, path: str) -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as client:
        for _ in range(10):
            await client.get(SIGNIN)

        answer = await client.request(method, path, headers={**JSON, **SAME_ORIGIN})

        assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert answer.json()["code"] == "RATE_LIMITED"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert _limited(api) == [answer.headers["x-request-id"]]


async def test_i5_who_is_there_is_still_told_to_a_network_that_is_limited() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _signed_in(api, "203.0.113.7") as browser:
        for _ in range(30):
            await browser.get(SIGNIN)

        answers = [await browser.get(f"{PREFIX}/{name}") for name in ("session", "me", "verify", "describe")]

        assert [each.status_code for each in answers] == [200] * 4


async def test_i5_a_provider_whose_network_is_limited_may_still_tell_of_sign_outs() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as provider:
        signins = [(await provider.get(SIGNIN, headers=JSON)).status_code for _ in range(11)]

        told = [
            await provider.post(f"{PREFIX}/backchannel-logout/pretend", data={"logout_token": "made-up"})
            for _ in range(30)
        ]

    assert signins[-1] == TOO_MANY
    assert {each.json()["data"]["reason"] for each in told} == {"signature_invalid"}


async def test_i5_a_person_gets_a_page_that_says_to_wait_and_names_the_request() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as browser:
        for _ in range(10):
            await browser.get(SIGNIN)

        answer = await browser.get(SIGNIN)

        assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["retry-after"] == "6"
        assert "Please wait a minute" in answer.text
        assert answer.headers["x-request-id"] in answer.text


async def test_i5_a_flood_writes_one_event_a_period_and_not_one_for_each_request() -> None:
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, "203.0.113.7") as client:
        for _ in range(200):
            await client.get(SIGNIN)

        assert len(_limited(api)) == 1


async def test_i5_a_peer_that_nobody_trusts_cannot_change_its_address_by_a_header() -> None:
    limited = running_auth_api(RATE_LIMIT="10/m", TRUSTED_PROXIES=OURS)
    async with limited as api, _from(api, "203.0.113.7") as client:
        answers = [
            await client.get(SIGNIN, headers={"x-forwarded-for": f"198.51.100.{number}"})
            for number in range(11)
        ]

    assert answers[-1].status_code == httpx.codes.TOO_MANY_REQUESTS


async def test_i5_behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() -> None:
    limited = running_auth_api(RATE_LIMIT="10/m", TRUSTED_PROXIES=OURS)
    async with limited as api, _from(api, PROXY) as proxy:

        async def ask(address: str, number: int) -> int:
            says = {"x-forwarded-for": f"192.0.2.{number}, {address}"}
            return (await proxy.get(SIGNIN, headers=says)).status_code

        of_the_thief = [await ask("203.0.113.7", number) for number in range(12)]
        of_the_other = await ask("203.0.113.8", 0)

    assert of_the_thief == [302] * 10 + [429] * 2
    assert of_the_other == httpx.codes.FOUND


@pytest.mark.parametrize("headers", [{"x-forwarded-for": "203.0.113.7"}, {}])
async def test_i5_a_proxy_that_nobody_named_is_not_taken_for_one_client_and_the_operator_is_told_once(
    headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "netscript.auth.limits")
    async with running_auth_api(RATE_LIMIT="10/m") as api, _from(api, PROXY, **headers) as proxy:
        statuses = [(await proxy.get(SIGNIN)).status_code for _ in range(205)]

    assert statuses == [302] * 200 + [429] * 5
    assert [each.getMessage() for each in caplog.records if "TRUSTED_PROXIES" in each.getMessage()] == [
        "requests come from 10.1.2.3/32, which may be a proxy: if it is yours, name it in "
        "NETSCRIPT_AUTH_TRUSTED_PROXIES and let it send X-Forwarded-For. Until then everybody behind it has "
        "one rate limit together, 20 times that of one address"
    ]


async def test_i5_limits_that_are_off_limit_nobody() -> None:
    async with running_auth_api(RATE_LIMIT="off") as api, _from(api, "203.0.113.7") as client:
        statuses = {(await client.get(SIGNIN)).status_code for _ in range(1000)}

    assert statuses == {302}
