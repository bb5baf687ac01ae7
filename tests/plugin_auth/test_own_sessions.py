"""A person's own sessions: listed with what helps to recognise them, ended one by one."""

from datetime import timedelta

import httpx
import pytest

from tests.support.auth_api import PREFIX, SAME_ORIGIN, SESSION_COOKIE, AuthApi, running_auth_api, set_cookies
from tests.support.auth_backends import DenyingBackend

SESSIONS = f"{PREFIX}/sessions"


async def handle_of(browser: httpx.AsyncClient) -> str:
    return str((await browser.get(f"{PREFIX}/session")).json()["session"]["handle"])


async def test_own_sessions_are_listed_newest_first_and_say_which_is_this_one(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as phone, api.browser() as bobs:
        await api.sign_in(browser, "alice")
        api.clock.advance(timedelta(minutes=5))
        await api.sign_in(phone, "alice")
        await api.sign_in(bobs, "bob")

        listed = (await browser.get(SESSIONS)).json()["sessions"]

        assert [each["current"] for each in listed] == [False, True]
        assert [each["handle"] for each in listed] == [await handle_of(phone), await handle_of(browser)]
        assert listed[0]["device"]["userAgent"].startswith("Mozilla/5.0")
        assert not {"token", "userId"} & listed[0].keys()


async def test_nobody_has_no_sessions_to_list(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(SESSIONS)

    assert answer.status_code == 401
    assert answer.json()["data"] == {"reason": "no_session"}


async def test_somebody_who_may_not_come_in_lists_nothing() -> None:
    async with running_auth_api(DenyingBackend) as api, api.browser() as browser:
        answer = await browser.get(SESSIONS)

    assert answer.status_code == 403
    assert answer.json()["data"] == {"reason": "account_disabled"}


async def test_one_of_ones_own_sessions_is_ended_and_the_others_live(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as phone:
        await api.sign_in(browser)
        await api.sign_in(phone)

        answer = await browser.delete(f"{SESSIONS}/{await handle_of(phone)}", headers=SAME_ORIGIN)

        assert (answer.status_code, answer.json()) == (200, {"revoked": True})
        assert not set_cookies(answer)
        assert (await phone.get(f"{PREFIX}/session")).json()["reason"] == "session_revoked"
        assert (await browser.get(f"{PREFIX}/session")).json()["authenticated"] is True


async def test_ending_the_session_of_this_browser_clears_its_cookie(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)

    answer = await browser.delete(f"{SESSIONS}/{await handle_of(browser)}", headers=SAME_ORIGIN)

    assert answer.status_code == 200
    assert "Max-Age=0" in set_cookies(answer)[SESSION_COOKIE]


async def test_a_foreign_handle_and_an_unknown_one_are_told_alike(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as victim:
        await api.sign_in(victim, "alice")
        await api.sign_in(browser, "mallory")

        foreign = await browser.delete(f"{SESSIONS}/{await handle_of(victim)}", headers=SAME_ORIGIN)
        unknown = await browser.delete(f"{SESSIONS}/{'x' * 43}", headers=SAME_ORIGIN)

        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert foreign.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
        assert (await victim.get(f"{PREFIX}/session")).json()["authenticated"] is True


async def test_a_session_that_has_ended_already_is_not_found(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as phone:
        await api.sign_in(browser)
        await api.sign_in(phone)
        address = f"{SESSIONS}/{await handle_of(phone)}"
        await browser.delete(address, headers=SAME_ORIGIN)

        answer = await browser.delete(address, headers=SAME_ORIGIN)

        assert answer.status_code == 404


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_another_site_cannot_end_a_session(
    api: AuthApi, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await api.sign_in(browser)

    answer = await browser.delete(f"{SESSIONS}/{await handle_of(browser)}", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["data"] == {"reason": "cross_site"}


async def test_a_handle_lets_nobody_in(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    handle = await handle_of(browser)
    async with api.browser() as thief:
        thief.cookies.set(SESSION_COOKIE, handle)

        answer = await thief.get(f"{PREFIX}/session")

        assert answer.json()["authenticated"] is False
