"""Signing out at the provider too: the browser goes there and comes back; nobody is led astray on the way."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typing_extensions import override

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.provider import ISSUER
from netscript_auth_core.memory.signout import MemorySignout
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from tests.support.auth_api import (
    PREFIX,
    PUBLIC_URL,
    SAME_ORIGIN,
    SESSION_COOKIE,
    AuthApi,
    running_auth_api,
    set_cookies,
)
from tests.support.elements import Elements

SIGNOUT = f"{PREFIX}/signout"
FORM = {"content-type": "application/x-www-form-urlencoded"}
COOKIE = "__Host-netscript-signout"
SIGNED_OUT = "/signed-out"


@pytest.fixture
def end_session(api: AuthApi) -> None:
    """The provider signs browsers out that are sent to it."""
    api.provider.has_end_session = True


async def _is_signed_in(browser: httpx.AsyncClient) -> bool:
    return bool((await browser.get(f"{PREFIX}/session")).json()["authenticated"])


async def _leave(api: AuthApi, browser: httpx.AsyncClient, **wish: str) -> str:
    """Sign in, sign out, and return the address at the provider to which the browser is to go."""
    await api.sign_in(browser)
    answer = await browser.post(SIGNOUT, json=wish, headers=SAME_ORIGIN)
    return await _lead_on(browser, answer.json()["upstream"]["endSessionUrl"])


async def _lead_on(browser: httpx.AsyncClient, address: str) -> str:
    """Open an address of ours, and return where it leads."""
    answer = await browser.get(address)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def _come_back(browser: httpx.AsyncClient, address: str) -> httpx.Response:
    """Do what the provider's redirect does."""
    query = _query(address)
    return await browser.get(query["post_logout_redirect_uri"], params={"state": query["state"]})


async def test_a_program_is_told_where_the_browser_has_to_go(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, json={"redirectTo": "/a"}, headers=SAME_ORIGIN)

    told = answer.json()
    assert (told["signedOut"], told["redirectTo"], told["upstream"]["status"]) == (True, "/a", "done")
    address = await _lead_on(browser, told["upstream"]["endSessionUrl"])
    assert address.startswith(f"{ISSUER}/end_session?")
    assert _query(address)["post_logout_redirect_uri"] == f"{PUBLIC_URL}{SIGNED_OUT}"
    assert len(_query(address)["state"]) >= 43
    assert not await _is_signed_in(browser)


async def test_a_form_is_sent_there_by_303(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content="redirectTo=/a", headers={**SAME_ORIGIN, **FORM})

    assert answer.status_code == 303
    assert (await _lead_on(browser, answer.headers["location"])).startswith(f"{ISSUER}/end_session?")
    assert not await _is_signed_in(browser)


async def test_the_account_page_leads_there_by_a_page_since_its_forms_may_go_nowhere_else(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)

    page = await browser.post("/account/signout", content="", headers={**SAME_ORIGIN, **FORM})

    elements = Elements(page.text)
    (refresh,) = [each for each in elements.all("meta") if each.get("http-equiv") == "refresh"]
    (link,) = elements.all("a")
    assert page.status_code == 200
    assert refresh["content"] == f"0; url={link['href']}"
    address = await _lead_on(browser, str(link["href"]))
    assert address.startswith(f"{ISSUER}/end_session?")
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert not await _is_signed_in(browser)
    assert (await _come_back(browser, address)).headers["location"] == SIGNED_OUT


@pytest.mark.parametrize("everywhere", ["", "everywhere=true"])
async def test_without_it_the_account_page_leads_to_the_page_that_says_so(
    api: AuthApi, browser: httpx.AsyncClient, everywhere: str
) -> None:
    async with api.browser() as phone:
        await api.sign_in(browser)
        await api.sign_in(phone)

        answer = await browser.post("/account/signout", content=everywhere, headers={**SAME_ORIGIN, **FORM})

        assert (answer.status_code, answer.headers["location"]) == (303, SIGNED_OUT)
        assert COOKIE not in set_cookies(answer)
        assert await _is_signed_in(phone) is not bool(everywhere)


async def test_another_site_cannot_press_the_account_pages_button(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    headers = {**FORM, "origin": "https://evil.example"}

    answer = await browser.post("/account/signout", content="", headers=headers)

    assert answer.status_code == 403
    assert await _is_signed_in(browser)


async def test_the_cookie_that_it_takes_along_is_as_strict_as_all_of_ours(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    line = set_cookies(answer)[COOKIE]
    assert line.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert _query(answer.json()["upstream"]["endSessionUrl"])["state"] not in line


async def test_a_browser_that_comes_back_goes_on_to_its_destination_once(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    address = await _leave(api, browser, redirectTo="/a?b=c")

    first = await _come_back(browser, address)
    second = await _come_back(browser, address)

    assert (first.status_code, first.headers["location"]) == (303, "/a?b=c")
    assert "Max-Age=0" in set_cookies(first)[COOKIE]
    assert (second.status_code, "location" in second.headers) == (200, False)


async def test_a_browser_without_a_wish_is_told_that_it_worked(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    answer = await _come_back(browser, await _leave(api, browser))

    assert (answer.status_code, answer.headers["location"]) == (303, SIGNED_OUT)
    assert "Max-Age=0" in set_cookies(answer)[COOKIE]
    assert "You are signed out" in (await browser.get(SIGNED_OUT)).text


@pytest.mark.parametrize("query", ["", "?state=", "?state=wrong", "?state=RIGHT&state=RIGHT", "?State=RIGHT"])
async def test_with_a_wrong_state_or_none_nobody_is_led_anywhere(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None, query: str
) -> None:
    address = await _leave(api, browser, redirectTo="/a")

    answer = await browser.get(f"{SIGNED_OUT}{query.replace('RIGHT', _query(address)['state'])}")

    assert (answer.status_code, "location" in answer.headers) == (200, False)
    assert "You are signed out" in answer.text
    assert (await _come_back(browser, address)).headers["location"] == "/a", (
        "it is still good for its own state"
    )


@pytest.mark.parametrize("cookie", [None, "", "x", "x.y.z", "TWICE", "CHANGED", "OF ANOTHER"])
async def test_without_its_own_cookie_a_state_leads_nowhere(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None, cookie: str | None
) -> None:
    async with api.browser() as other:
        address = await _leave(api, browser, redirectTo="/a")
        await _leave(api, other, redirectTo="/b")
        own = browser.cookies[COOKIE]
        value = {
            "TWICE": f"{own}; {COOKIE}={own}",
            "CHANGED": f"A{own[1:]}",
            "OF ANOTHER": other.cookies[COOKIE],
        }
        sent = value.get(cookie or "", cookie)
        async with api.browser() as stranger:
            headers = {} if sent is None else {"cookie": f"{COOKIE}={sent}"}
            query = {"state": _query(address)["state"]}

            answer = await stranger.get(SIGNED_OUT, params=query, headers=headers)

    assert (answer.status_code, "location" in answer.headers) == (200, False)


async def test_who_takes_longer_than_ten_minutes_sees_the_page(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    address = await _leave(api, browser, redirectTo="/a")
    cookie = browser.cookies[COOKIE]
    api.clock.advance(timedelta(minutes=10, seconds=1))

    query = {"state": _query(address)["state"]}
    answer = await browser.get(SIGNED_OUT, params=query, headers={"cookie": f"{COOKIE}={cookie}"})

    assert (answer.status_code, "location" in answer.headers) == (200, False)


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
async def test_no_foreign_destination_goes_along(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None, wanted: str
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, json={"redirectTo": wanted}, headers=SAME_ORIGIN)

    assert answer.status_code == 403
    assert COOKIE not in set_cookies(answer)
    assert await _is_signed_in(browser)


async def test_nobody_is_sent_anywhere_who_was_not_signed_in(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert answer.json() == {"signedOut": True, "ended": 0}
    assert COOKIE not in set_cookies(answer)


async def test_a_provider_that_is_away_keeps_nobody_signed_in(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)

    async with api.provider.outage():
        answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert answer.json() == {"signedOut": True, "ended": 1, "upstream": {"status": "pending"}}
    assert not await _is_signed_in(browser)


class GrantedNothing(MemorySignout):
    @override
    async def end(self, request: SignoutRequest) -> SignedOut:
        return replace(await super().end(request), upstream=None)


async def test_where_nothing_was_granted_the_browser_goes_there_and_nothing_is_pending(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    api.backend.signout.__class__ = GrantedNothing
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert list(answer.json()["upstream"]) == ["endSessionUrl"]


async def test_a_store_that_keeps_no_address_keeps_nobody_signed_in(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None, caplog: pytest.LogCaptureFixture
) -> None:
    await api.sign_in(browser)

    async with api.store.outage():
        answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)

    assert answer.json() == {"signedOut": True, "ended": 1, "upstream": {"status": "done"}}
    assert "not signed out at its provider" in caplog.text
    assert not await _is_signed_in(browser)


async def test_an_outage_on_the_way_to_the_provider_is_no_end_of_the_way(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)
    answer = await browser.post(SIGNOUT, json={}, headers=SAME_ORIGIN)
    address = answer.json()["upstream"]["endSessionUrl"]

    async with api.store.outage():
        during = await browser.get(address)

    assert (during.status_code, "retry-after" in during.headers) == (503, True)
    assert (await _lead_on(browser, address)).startswith(f"{ISSUER}/end_session?")


class LeadsAstray(MemorySignout):
    url = ""

    async def end(self, request: SignoutRequest) -> SignedOut:
        signed_out = await super().end(request)
        return SignedOut(signed_out.ended, UpstreamStatus.DONE, self.url if signed_out.ended else None)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.example", "http://evil.example/", "/a", "https://a@evil.example/", "x y"],
)
async def test_an_unsound_address_of_a_backend_is_not_followed(
    api: AuthApi,
    browser: httpx.AsyncClient,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    api.backend.signout.__class__ = LeadsAstray
    monkeypatch.setattr(LeadsAstray, "url", url)
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content="", headers={**SAME_ORIGIN, **FORM})

    assert (answer.status_code, answer.headers["location"]) == (303, SIGNED_OUT)
    assert "unsound address" in caplog.text
    assert url not in caplog.text


class WithoutTheParts(MemoryAuthBackend):
    """A backend that can only revoke."""

    async def start(self) -> None:
        vars(self).update(signout=None, upkeep=None)


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_backend_that_can_only_revoke_signs_out_here(everywhere: bool) -> None:
    async with running_auth_api(WithoutTheParts) as api, api.browser() as browser, api.browser() as phone:
        await api.sign_in(browser)
        await api.sign_in(phone)

        answer = await browser.post(SIGNOUT, json={"everywhere": everywhere}, headers=SAME_ORIGIN)

        assert answer.json() == {"signedOut": True, "ended": 1 + everywhere}
        assert not await _is_signed_in(browser)
        assert await _is_signed_in(phone) is not everywhere


@pytest.mark.parametrize(("wish", "location"), [({}, "/"), ({"redirectTo": "/a"}, "/a")])
async def test_without_pages_browsers_pass_through_all_the_same(wish: dict[str, str], location: str) -> None:
    async with running_auth_api(PAGES="false") as api, api.browser() as browser:
        api.provider.has_end_session = True
        address = await _leave(api, browser, **wish)

        astray = await browser.get(SIGNED_OUT, params={"state": "wrong"})
        back = await _come_back(browser, address)

    assert astray.status_code == 404
    assert (back.status_code, back.headers["location"]) == (303, location)


async def test_a_destination_that_is_not_allowed_any_more_is_left_out(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    async with running_auth_api(ALLOWED_RETURN_TO="https://app.acme.example") as generous:
        generous.provider.has_end_session = True
        async with generous.browser() as leaving:
            address = await _leave(generous, leaving, redirectTo="https://app.acme.example/bye")
            cookie = leaving.cookies[COOKIE]
            there = await _come_back(leaving, address)

    query = {"state": _query(address)["state"]}
    here = await browser.get(SIGNED_OUT, params=query, headers={"cookie": f"{COOKIE}={cookie}"})

    assert there.headers["location"] == "https://app.acme.example/bye"
    assert here.headers["location"] == SIGNED_OUT


async def test_the_session_cookie_goes_with_every_sign_out(
    api: AuthApi, browser: httpx.AsyncClient, end_session: None
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(SIGNOUT, content="", headers={**SAME_ORIGIN, **FORM})

    assert "Max-Age=0" in set_cookies(answer)[SESSION_COOKIE]
