"""Completing a sign-in: a new session for the browser that began it, and for nobody else."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from netscript_auth_core.domain import SessionState
from netscript_auth_core.events import EventName
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.signin import MemorySignin
from netscript_auth_core.ports import CallbackRequest, SigninCompleted
from tests.support.auth_api import (
    FLOW_PREFIX,
    NAVIGATING,
    PREFIX,
    SESSION_COOKIE,
    AuthApi,
    running_auth_api,
    set_cookies,
)
from tests.support.auth_backends import LongTokenBackend

CALLBACK = f"{PREFIX}/callback"
FORM = {"content-type": "application/x-www-form-urlencoded", "origin": "https://provider.invalid"}


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    return bool((await browser.get(f"{PREFIX}/session")).json()["authenticated"])


async def test_a_completed_sign_in_leads_to_where_it_was_begun_for_with_a_session_cookie(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    answer = await api.sign_in(browser, redirectTo="/account?tab=2#top")

    cookies = set_cookies(answer)
    flow = next(name for name in cookies if name.startswith(FLOW_PREFIX))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?tab=2#top")
    assert cookies[SESSION_COOKIE].endswith("; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert "Max-Age=0" in cookies[flow]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert await is_signed_in(browser)
    assert [event.name for event in api.events.taken] == [
        EventName.SIGNIN_STARTED,
        EventName.SIGNIN_COMPLETED,
    ]


async def test_a_program_that_asks_for_json_is_told_who_signed_in_but_no_token(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    parameters = await api.agree(browser)

    answer = await browser.get(CALLBACK, params=parameters, headers={"accept": "application/json"})

    assert answer.status_code == 200
    assert (answer.json()["completed"], answer.json()["redirectTo"]) == (True, "/account")
    assert answer.json()["subject"].startswith("usr_")
    assert browser.cookies[SESSION_COOKIE] not in answer.text


async def test_the_callback_has_no_say_in_where_it_leads(api: AuthApi, browser: httpx.AsyncClient) -> None:
    parameters = await api.agree(browser, redirectTo="/account")

    answer = await browser.get(CALLBACK, params=(*parameters, ("redirectTo", "https://evil.example/")))

    assert answer.headers["location"] == "/account"


async def test_a_destination_that_is_allowed_no_longer_falls_back_to_the_default() -> None:
    class LongAgo(MemorySignin):
        async def complete(self, request: CallbackRequest) -> SigninCompleted:
            done = await super().complete(request)
            return SigninCompleted(done.issued, "https://once-allowed.example/", done.flow_id)

    async with running_auth_api() as api, api.browser() as browser:
        api.backend.interactive.__class__ = LongAgo

        answer = await api.sign_in(browser)

    assert answer.headers["location"] == "/account"


async def test_a_callback_in_another_browser_signs_nobody_in(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    attackers = await api.agree(browser, "mallory")
    async with api.browser() as victim:
        await api.sign_in(victim, "alice")

        answer = await victim.get(CALLBACK, params=attackers)

        assert answer.status_code == 403
        assert "flow_not_bound" in answer.text
        assert not set_cookies(answer)
        assert (await victim.get(f"{PREFIX}/me")).json()["user"]["name"] == "Alice"


@pytest.mark.parametrize("name", ["txn", "flow", "flow_id", "netscript-flow"])
async def test_a_flow_is_bound_by_its_cookie_and_by_nothing_that_a_link_can_carry(
    api: AuthApi, browser: httpx.AsyncClient, name: str
) -> None:
    parameters = await api.agree(browser)
    cookie, value = next(iter(browser.cookies.items()))
    async with api.browser() as victim:
        given = (*parameters, (name, cookie.removeprefix(FLOW_PREFIX)), (cookie, value))

        answer = await victim.get(CALLBACK, params=given, headers={f"x-{name}": value})

        assert answer.status_code == 403
        assert not await is_signed_in(victim)


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"state": None}, 422, "parameter_missing"),
        ({"state": ""}, 422, "parameter_missing"),
        ({"code": None}, 422, "parameter_missing"),
        ({"state": "x\x00y"}, 422, "parameter_malformed"),
        ({"state": "x" * 8000}, 422, "parameter_malformed"),
        ({"state": "unknown"}, 403, "state_mismatch"),
        ({"iss": "https://other.example"}, 403, "iss_mismatch"),
        ({"iss": None}, 403, "iss_missing"),
        ({"code": "forged"}, 403, "code_refused"),
        ({"error": "access_denied"}, 422, "parameter_malformed"),
        ({"error": "access_denied", "code": None}, 403, "access_denied"),
        ({"error": "<script>alert(1)</script>", "code": None}, 403, "provider_refused"),
    ],
)
async def test_a_refused_callback_has_a_reason_a_status_one_event_and_no_session(
    api: AuthApi,
    browser: httpx.AsyncClient,
    change: dict[str, str | None],
    status: int,
    reason: str,
) -> None:
    agreed: dict[str, str | None] = {**dict(await api.agree(browser)), **change}
    given = {name: value for name, value in agreed.items() if value is not None}
    extra = {"error_description": "<b>reflected</b>", "error_uri": "javascript:alert(1)"}

    shown = await browser.get(CALLBACK, params={**given, **extra})
    told = await browser.get(CALLBACK, params=given, headers={"accept": "application/json"})

    assert (shown.status_code, reason in shown.text) == (status, True)
    assert not set_cookies(shown)
    assert "reflected" not in shown.text
    assert "alert" not in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert api.events.taken[1].reason == reason
    assert len(api.events.taken) == 3
    assert told.headers["content-type"] == "application/problem+json"
    assert not await is_signed_in(browser)


@pytest.mark.parametrize("query", ["state=a&state=b&code=c", "state=%ff&code=c", "&".join(["a=b"] * 60)])
async def test_a_query_that_cannot_be_understood_is_refused(browser: httpx.AsyncClient, query: str) -> None:
    answer = await browser.get(f"{CALLBACK}?{query}", headers={"accept": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["data"]["reason"] in {"parameter_repeated", "parameter_malformed"}


async def test_a_sign_in_that_took_too_long_is_over(api: AuthApi, browser: httpx.AsyncClient) -> None:
    parameters = await api.agree(browser)
    api.clock.advance(timedelta(minutes=11))

    answer = await browser.get(CALLBACK, params=parameters)

    assert answer.status_code == 410
    assert "flow_expired" in answer.text


async def test_a_callback_that_is_replayed_says_that_one_is_signed_in_already(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    parameters = await api.agree(browser)
    flow = dict(browser.cookies)
    await browser.get(CALLBACK, params=parameters)
    token = browser.cookies[SESSION_COOKIE]
    browser.cookies.update(flow)

    shown = await browser.get(CALLBACK, params=parameters)
    told = await browser.get(CALLBACK, params=parameters, headers={"accept": "application/json"})

    assert (shown.status_code, told.status_code) == (409, 409)
    assert "You are already signed in" in shown.text
    assert told.json()["data"] == {"reason": "flow_used", "authenticated": True}
    assert browser.cookies[SESSION_COOKIE] == token
    assert await is_signed_in(browser)


async def test_a_new_sign_in_gets_a_new_token_and_ends_the_session_that_it_replaces(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    old = browser.cookies[SESSION_COOKIE]

    await api.sign_in(browser)

    assert browser.cookies[SESSION_COOKIE] != old
    async with api.browser() as copied:
        copied.cookies.set(SESSION_COOKIE, old)
        assert not await is_signed_in(copied)


async def test_a_callback_of_another_provider_is_refused_before_its_code_is_used(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    parameters = await api.agree(browser)

    answer = await browser.get(f"{CALLBACK}/other", params=parameters)

    assert answer.status_code == 403
    assert "provider_mismatch" in answer.text


async def test_each_provider_has_a_callback_of_its_own(api: AuthApi, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"{CALLBACK}/pretend", params=await api.agree(browser))

    assert answer.status_code == 303
    assert await is_signed_in(browser)


class Remembers(MemorySignin):
    """Keeps what arrived."""

    arrived: list[CallbackRequest]

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        self.arrived.append(request)
        return await super().complete(request)


class RemembersBackend(MemoryAuthBackend):
    """Keeps what arrived at its interactive part."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.interactive.__class__ = Remembers
        vars(self.interactive)["arrived"] = []


async def post_as_the_provider_makes_it(
    api: AuthApi, fields: tuple[tuple[str, str], ...], path: str = CALLBACK
) -> httpx.Response:
    """A cross-site post brings no cookies of ours: SameSite=Lax."""
    async with api.browser({**NAVIGATING, **FORM}) as without_cookies:
        return await without_cookies.post(path, content=urlencode(fields))


async def test_a_posted_callback_re_enters_by_get_and_keeps_what_only_the_post_carried() -> None:
    person = '{"name": {"firstName": "Zoë"}}'
    async with running_auth_api(RemembersBackend) as api, api.browser() as browser:
        fields = (*await api.agree(browser), ("user", person), ("id_token", "unasked"))
        posted = await post_as_the_provider_makes_it(api, fields)
        browser.cookies.update(posted.cookies)

        answer = await browser.get(posted.headers["location"])

        assert posted.status_code == 303
        assert dict(parse_qsl(urlsplit(posted.headers["location"]).query)).keys() == {"code", "state", "iss"}
        assert "firstName" not in posted.headers["location"]
        assert set(set_cookies(posted)) == {"__Host-netscript-flash"}
        assert answer.status_code == 303
        assert "Max-Age=0" in set_cookies(answer)["__Host-netscript-flash"]
        assert dict(vars(api.backend.interactive)["arrived"][0].parameters)["user"] == person


async def test_a_posted_callback_never_completes_without_the_flow_cookie(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    posted = await post_as_the_provider_makes_it(api, await api.agree(browser))
    async with api.browser() as victim:
        answer = await victim.get(posted.headers["location"])

        assert SESSION_COOKIE not in set_cookies(posted)
        assert answer.status_code == 403
        assert not await is_signed_in(victim)


async def test_what_another_post_left_is_not_taken_for_this_sign_in() -> None:
    async with running_auth_api(RemembersBackend) as api, api.browser() as browser:
        foreign = await post_as_the_provider_makes_it(api, (("state", "theirs"), ("user", "mallory")))
        parameters = await api.agree(browser)
        browser.cookies.update(foreign.cookies)

        await browser.get(CALLBACK, params=parameters)

        assert "user" not in dict(vars(api.backend.interactive)["arrived"][0].parameters)


async def test_a_repeated_parameter_of_a_post_stays_repeated_and_is_refused(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    fields = (*await api.agree(browser), ("state", "another"))
    posted = await post_as_the_provider_makes_it(api, fields)

    answer = await browser.get(posted.headers["location"])

    assert answer.status_code == 422
    assert "parameter_repeated" in answer.text


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_a_callback_is_posted_as_a_form_only(browser: httpx.AsyncClient, media_type: str) -> None:
    answer = await browser.post(CALLBACK, content=b"{}", headers={"content-type": media_type})

    assert answer.status_code == 415


async def test_a_posted_callback_that_is_far_too_long_is_refused(api: AuthApi) -> None:
    answer = await post_as_the_provider_makes_it(api, (("state", "x" * 20_000), ("code", "c")))

    assert answer.status_code == 422


async def test_a_session_whose_token_no_browser_keeps_is_ended_before_anybody_hears_of_it() -> None:
    async with running_auth_api(LongTokenBackend) as api, api.browser() as browser:
        answer = await api.sign_in(browser)
        states = [(await api.backend.sessions.get(handle)) for handle in api.storage.sessions]

    assert answer.status_code == 500
    assert not set_cookies(answer)
    assert [session.state for session in states if session] == [SessionState.REVOKED]
    assert api.events.taken[-1].reason == "capability_mismatch"


async def test_an_outage_of_the_provider_is_told_as_one(api: AuthApi, browser: httpx.AsyncClient) -> None:
    parameters = await api.agree(browser)

    async with api.provider.outage():
        answer = await browser.get(CALLBACK, params=parameters)

    assert answer.status_code == 503
    assert "backend_unavailable" in answer.text
    assert "The sign-in provider, or something else that this sign-in needs, does not answer" in answer.text
    assert "who you are" not in answer.text
    assert SESSION_COOKIE not in set_cookies(answer)


async def test_without_pages_a_refusal_is_a_problem_for_browsers_too() -> None:
    async with running_auth_api(PAGES="false") as api, api.browser() as browser:
        answer = await browser.get(CALLBACK, params={"code": "c", "state": "s"})

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
