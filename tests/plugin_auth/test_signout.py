"""Ending sessions: own ones only, as often as asked, never by another site, never only in appearance."""

from collections.abc import Mapping

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.support.auth_api import PREFIX, PUBLIC_URL, SAME_ORIGIN, SESSION_COOKIE, AuthApi, set_cookies

SIGNOUT = f"{PREFIX}/signout"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    return bool((await browser.get(f"{PREFIX}/session")).json()["authenticated"])


async def copy_of(api: AuthApi, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has the cookie."""
    copied = api.browser()
    copied.cookies.set(SESSION_COOKIE, browser.cookies[SESSION_COOKIE])
    return copied


async def test_signing_out_ends_the_session_for_copies_of_its_cookie_too(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    copied = await copy_of(api, browser)

    answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert (answer.status_code, answer.json()) == (
        200,
        {"signedOut": True, "ended": 1, "upstream": {"status": "done"}},
    )
    assert "Max-Age=0" in set_cookies(answer)[SESSION_COOKIE]
    assert (await copied.get(f"{PREFIX}/me")).json() == {
        "authenticated": False,
        "reason": "session_revoked",
    }
    assert [event.reason for event in api.events.taken if event.name is EventName.SESSION_REVOKED] == [
        "signout"
    ]


@pytest.mark.parametrize("cookie", [None, "unknown", "%ZZ", "x" * 43])
async def test_signing_out_without_a_live_session_is_no_fault_and_clears_the_cookie(
    browser: httpx.AsyncClient, cookie: str | None
) -> None:
    headers = {**SAME_ORIGIN, **({"cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {})}

    for _ in range(2):
        answer = await browser.post(SIGNOUT, json={}, headers=headers)

        assert answer.status_code == 200
        assert "Max-Age=0" in set_cookies(answer)[SESSION_COOKIE]


async def test_of_two_cookies_of_our_name_neither_stays_signed_in(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as other:
        await api.sign_in(browser, "alice")
        await api.sign_in(other, "bob")
        one, two = browser.cookies[SESSION_COOKIE], other.cookies[SESSION_COOKIE]
        cookie = f"{SESSION_COOKIE}={one}; {SESSION_COOKIE}={two}"
        async with api.browser() as confused:
            await confused.post(SIGNOUT, headers={**SAME_ORIGIN, "cookie": cookie})

        assert not await is_signed_in(browser)
        assert not await is_signed_in(other)


async def test_signing_out_everywhere_ends_all_of_ones_own_sessions_and_nobody_elses(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as phone, api.browser() as bobs:
        await api.sign_in(browser, "alice")
        await api.sign_in(phone, "alice")
        await api.sign_in(bobs, "bob")

        answer = await browser.post(SIGNOUT, json={"everywhere": True}, headers=SAME_ORIGIN)

        assert answer.status_code == 200
        assert not await is_signed_in(phone)
        assert await is_signed_in(bobs)


async def test_no_input_names_a_session_to_end(api: AuthApi, browser: httpx.AsyncClient) -> None:
    async with api.browser() as victim:
        await api.sign_in(victim)
        handle = (await victim.get(f"{PREFIX}/session")).json()["session"]["handle"]

        answer = await browser.post(SIGNOUT, json={"sessionId": handle}, headers=SAME_ORIGIN)
        await browser.post(f"{SIGNOUT}?sessionId={handle}&sid={handle}", json={}, headers=SAME_ORIGIN)

        assert answer.status_code == 422
        assert await is_signed_in(victim)


@pytest.mark.parametrize(
    ("fields", "location"), [("", "/signed-out"), ("everywhere=true", "/signed-out"), ("redirectTo=/a", "/a")]
)
async def test_a_form_leads_on_by_303(
    api: AuthApi, browser: httpx.AsyncClient, fields: str, location: str
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content=fields, headers={**SAME_ORIGIN, **FORM})

    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert not await is_signed_in(browser)


async def test_json_is_told_the_destination_that_it_wished(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(SIGNOUT, json={"redirectTo": "/a?b=c"}, headers=SAME_ORIGIN)

    assert answer.json() == {"signedOut": True, "ended": 0, "redirectTo": "/a?b=c"}


async def test_a_foreign_destination_is_refused_before_anything_happens(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, json={"redirectTo": "//evil.example"}, headers=SAME_ORIGIN)

    assert answer.status_code == 403
    assert "redirect_not_allowed" in answer.text
    assert await is_signed_in(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://auth.acme.example.evil.example"},
        {"origin": "http://auth.acme.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
async def test_another_site_cannot_sign_anybody_out_by_a_form(
    api: AuthApi, browser: httpx.AsyncClient, headers: Mapping[str, str]
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content="everywhere=true", headers={**FORM, **headers})

    assert answer.status_code == 403
    assert "cross_site" in answer.text
    assert await is_signed_in(browser)


async def test_getting_the_address_signs_nobody_out(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)

    answer = await browser.get(SIGNOUT)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await is_signed_in(browser)


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x"])
async def test_other_bodies_are_not_read(browser: httpx.AsyncClient, media_type: str) -> None:
    headers = {"origin": PUBLIC_URL, "content-type": media_type}

    answer = await browser.post(SIGNOUT, content=b"{}", headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize("fields", ["everywhere=true&everywhere=false", "everywhere=perhaps", "who=alice"])
async def test_a_form_that_cannot_be_understood_signs_nobody_out(
    api: AuthApi, browser: httpx.AsyncClient, fields: str
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content=fields, headers={**SAME_ORIGIN, **FORM})

    assert answer.status_code == 422
    assert await is_signed_in(browser)


async def test_during_an_outage_nobody_looks_signed_out_who_is_not(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)

    async with api.outage():
        answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert answer.status_code == 503
    assert not set_cookies(answer)
    assert await is_signed_in(browser)
