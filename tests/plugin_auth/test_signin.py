"""Beginning a sign-in: where the browser goes, what it keeps, what is refused."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.events import EventName
from netscript_auth_core.memory import MemoryAuthBackend
from tests.support.auth_api import (
    FLOW_PREFIX,
    PREFIX,
    SAME_ORIGIN,
    SESSION_COOKIE,
    AuthApi,
    running_auth_api,
    set_cookies,
)
from tests.support.auth_backends import ChoiceBackend, HostedElsewhereBackend, OddFlowBackend

SIGNIN = f"{PREFIX}/signin"
JSON = "application/json"
EVIL = "https://evil.example/"


async def test_a_link_sends_the_browser_to_the_only_provider_and_leaves_a_flow_cookie(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    answer = await browser.get(SIGNIN)

    cookies = set_cookies(answer)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://provider.invalid/authorize?")
    assert [name.startswith(FLOW_PREFIX) for name in cookies] == [True]
    assert next(iter(cookies.values())).endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert [(event.name, event.provider_id) for event in api.events.taken] == [
        (EventName.SIGNIN_STARTED, "pretend")
    ]


async def test_a_page_is_told_where_to_go_and_gets_the_same_cookie(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(SIGNIN, json={"providerId": "pretend"}, headers=SAME_ORIGIN)

    body = answer.json()
    assert answer.status_code == 200
    assert (body["started"], body["providerId"]) == (True, "pretend")
    assert parse_qs(urlsplit(str(body["redirectUrl"])).query)["state"] == [body["state"]]
    assert [name.startswith(FLOW_PREFIX) for name in set_cookies(answer)] == [True]


async def test_a_session_is_untouched_while_another_sign_in_is_begun_and_left(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    token = browser.cookies[SESSION_COOKIE]

    answer = await browser.get(SIGNIN)

    assert SESSION_COOKIE not in set_cookies(answer)
    assert browser.cookies[SESSION_COOKIE] == token
    assert (await browser.get(f"{PREFIX}/session")).json()["authenticated"] is True


async def test_two_tabs_complete_in_reverse_order_and_the_later_one_wins(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    first, second = await api.agree(browser, "alice"), await api.agree(browser, "bob")

    answers = [await browser.get(f"{PREFIX}/callback", params=each) for each in (second, first)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await browser.get(f"{PREFIX}/me")).json()["user"]["name"] == "Alice"


async def test_at_most_five_sign_ins_are_under_way_in_one_browser(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    for _ in range(9):
        await browser.get(SIGNIN)
        api.clock.advance(timedelta(seconds=1))

    assert len([name for name in browser.cookies if name.startswith(FLOW_PREFIX)]) == 5


async def test_a_login_hint_stays_the_value_of_one_parameter(browser: httpx.AsyncClient) -> None:
    hint = "bob@acme.example&prompt=none&redirect_uri=https://evil.example\r\nSet-Cookie: a=b"

    answer = await browser.get(SIGNIN, params={"loginHint": hint})

    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["login_hint"] == [hint]
    assert set(query) == {"state", "scope", "login_hint"}


@pytest.mark.parametrize("provider", ["nobody", "../x", "pretend ", "<script>alert(1)</script>"])
async def test_an_unknown_provider_is_refused_without_repeating_it(
    api: AuthApi, browser: httpx.AsyncClient, provider: str
) -> None:
    shown = await browser.get(SIGNIN, params={"providerId": provider})
    told = await browser.post(SIGNIN, json={"providerId": provider}, headers=SAME_ORIGIN)

    assert (shown.status_code, told.status_code) == (422, 422)
    assert told.json()["data"]["fieldErrors"] == {"providerId": ["must be one of: pretend"]}
    assert "script" not in shown.text
    assert not browser.cookies
    assert {event.reason for event in api.events.taken} == {"invalid_input"}


async def test_more_scopes_than_configured_are_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(SIGNIN, json={"scopes": ["openid", "admin"]}, headers=SAME_ORIGIN)

    assert answer.status_code == 422
    assert answer.json()["data"]["fieldErrors"] == {"scopes": ["must be among: openid email profile"]}


async def test_a_link_with_more_scopes_than_anybody_has_is_refused_by_name(
    program: httpx.AsyncClient,
) -> None:
    answer = await program.get(SIGNIN, params={"scopes": " ".join(["a"] * 51)})

    assert answer.status_code == 422
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert set(answer.json()["data"]["fieldErrors"]) == {"scopes"}


@pytest.mark.parametrize("odd", ["", " ", "\0", "a\0b", "\U0010ffff", "x" * 9000, " ".join(["openid"] * 60)])
async def test_no_value_of_a_link_is_a_fault_of_ours(
    browser: httpx.AsyncClient, program: httpx.AsyncClient, odd: str
) -> None:
    answers = [
        answer
        for name in ("providerId", "redirectTo", "loginHint", "scopes", "unheard-of")
        for answer in await _ask_oddly(browser, program, name, odd)
    ]

    assert len(answers) == 40
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


async def _ask_oddly(
    browser: httpx.AsyncClient, program: httpx.AsyncClient, name: str, odd: str
) -> list[httpx.Response]:
    return [
        await browser.get(SIGNIN, params={name: odd}),
        await program.get(SIGNIN, params={name: odd}),
        await program.get("/login", params={name: odd}),
        await program.post(SIGNIN, json={name: odd}),
        await program.post(SIGNIN, json={name: [odd]}),
        await program.post(SIGNIN, json={name: {odd[:9]: None}}),
        await program.post(f"{PREFIX}/signout", json={name: odd}, headers=SAME_ORIGIN),
        await program.get(f"{PREFIX}/callback", params={"state": odd, "code": odd, name: odd}),
    ]


@pytest.mark.parametrize("raw", ["%ED%A0%80", "%FF", "%", "%00"])
async def test_bytes_that_are_no_text_are_no_fault_of_ours(program: httpx.AsyncClient, raw: str) -> None:
    answers = [
        await program.get(f"{SIGNIN}?scopes={raw}"),
        await program.get(f"{SIGNIN}?redirectTo={raw}"),
        await program.get(f"/login?redirectTo={raw}"),
        await program.get(f"{PREFIX}/callback?state={raw}&code=c"),
        await program.get(f"{PREFIX}/callback/{raw}?state=s&code=c"),
        await program.delete(f"{PREFIX}/sessions/{raw}"),
        await program.post(SIGNIN, content=b'{"loginHint": "\\ud800"}', headers={"content-type": JSON}),
    ]

    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


async def test_fewer_scopes_are_passed_on(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(SIGNIN, params={"scopes": "openid email"})

    assert parse_qs(urlsplit(answer.headers["location"]).query)["scope"] == ["openid email"]


async def test_a_foreign_destination_is_refused_with_a_page_and_no_cookie(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    answer = await browser.get(SIGNIN, params={"redirectTo": EVIL})

    assert answer.status_code == 403
    assert "redirect_not_allowed" in answer.text
    assert "evil" not in answer.text
    assert not set_cookies(answer)
    assert [(event.name, event.reason, event.seen) for event in api.events.taken] == [
        (EventName.SIGNIN_FAILED, "redirect_not_allowed", EVIL)
    ]
    assert api.events.taken[0].request_id == answer.headers["x-request-id"]


async def test_a_program_is_refused_a_foreign_destination_with_a_problem(program: httpx.AsyncClient) -> None:
    answer = await program.post(SIGNIN, json={"redirectTo": EVIL})

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["data"]) == ("FORBIDDEN", {"reason": "redirect_not_allowed"})


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"providerId": "pretend"}', "text/plain"),
        (b"providerId=pretend", "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_sign_in_is_posted_as_json_only(
    browser: httpx.AsyncClient, content: bytes, media_type: str
) -> None:
    headers = {**SAME_ORIGIN, "content-type": media_type}

    answer = await browser.post(SIGNIN, content=content, headers=headers)

    assert answer.status_code == 415
    assert not set_cookies(answer)


async def test_another_site_cannot_begin_a_sign_in_by_posting(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(SIGNIN, json={}, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert answer.json()["data"] == {"reason": "cross_site"}
    assert not set_cookies(answer)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_not_offered_and_no_header_makes_them_so(
    browser: httpx.AsyncClient, method: str
) -> None:
    answer = await browser.request(method, SIGNIN, headers={**SAME_ORIGIN, "x-http-method-override": "POST"})

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("query", ["providerId=pretend&providerId=other", "redirectTo=/a&redirectTo=/b"])
async def test_a_parameter_given_twice_is_refused(browser: httpx.AsyncClient, query: str) -> None:
    answer = await browser.get(f"{SIGNIN}?{query}")

    assert answer.status_code == 422
    assert not set_cookies(answer)


async def test_a_choice_of_providers_leads_to_the_login_page_with_the_destination() -> None:
    async with running_auth_api(ChoiceBackend) as api, api.browser() as browser:
        answer = await browser.get(SIGNIN, params={"redirectTo": "/account?a=b&c=d"})

    assert answer.status_code == 302
    assert answer.headers["location"] == "/login?redirectTo=%2Faccount%3Fa%3Db%26c%3Dd"
    assert not set_cookies(answer)


async def test_what_a_link_wished_outlives_the_choice_of_a_provider() -> None:
    wish = {"redirectTo": "/account", "loginHint": "a&b@example.test", "scopes": "openid"}
    async with running_auth_api(ChoiceBackend) as api, api.browser() as browser:
        chosen = await browser.get(SIGNIN, params=wish)
        page = await browser.get(chosen.headers["location"])

    links = re.findall(r'href="([^"]*/signin[^"]*)"', page.text)
    queries = [parse_qs(urlsplit(html.unescape(link)).query) for link in links]
    assert [query.pop("providerId") for query in queries] == [["pretend"], ["other"]]
    assert queries == [{name: [value] for name, value in wish.items()}] * 2


async def test_a_choice_of_providers_without_pages_asks_for_one() -> None:
    async with running_auth_api(ChoiceBackend, PAGES="false") as api, api.browser() as browser:
        answer = await browser.get(SIGNIN)

    assert answer.status_code == 422
    assert answer.json()["data"]["fieldErrors"] == {"providerId": ["must be one of: pretend, other"]}


async def test_a_choice_of_providers_is_not_led_to_with_a_foreign_destination() -> None:
    async with running_auth_api(ChoiceBackend) as api, api.browser() as browser:
        answer = await browser.get(SIGNIN, params={"redirectTo": EVIL})

    assert answer.status_code == 403


async def test_the_login_page_offers_each_provider_as_a_link_and_escapes_its_name() -> None:
    async with running_auth_api(ChoiceBackend) as api, api.browser() as browser:
        page = await browser.get("/login", params={"redirectTo": "/account?a=b"})

    assert page.status_code == 200
    assert (
        f'href="https://auth.acme.example{SIGNIN}?providerId=pretend&amp;redirectTo=%2Faccount%3Fa%3Db"'
        in page.text
    )
    assert "Continue with O&#34;&lt;b&gt;ther" in page.text


async def test_a_backend_whose_upstream_hosts_the_sign_in_says_so() -> None:
    async with running_auth_api(HostedElsewhereBackend) as api, api.program() as program:
        answer = await program.post(SIGNIN, json={})
        described = await program.get(f"{PREFIX}/describe")

    assert answer.status_code == 501
    assert answer.json()["code"] == "AUTH_OPERATION_UNSUPPORTED"
    assert answer.json()["data"] == {
        "backend": "memory",
        "operation": "signin",
        "reason": "its upstream does",
        "signInUrl": "https://login.acme.example/sign-in",
    }
    assert described.json()["routeGroups"] == ["session", "verify", "pages"]
    backend = described.json()["backend"]
    assert backend["signInUrl"] == "https://login.acme.example/sign-in"
    assert {"capability": "refresh", "reason": "its upstream does"} in backend["unsupported"]


@pytest.mark.parametrize("ask", ["link", "page"])
async def test_how_old_a_sign_in_may_be_is_passed_on(api: AuthApi, ask: str) -> None:
    async with api.program() as program:
        if ask == "link":
            address = (await program.get(SIGNIN, params={"maxAge": "300"})).headers["location"]
        else:
            address = (await program.post(SIGNIN, json={"maxAge": 300})).json()["redirectUrl"]

    assert parse_qs(urlsplit(address).query)["max_age"] == ["300"]


async def test_a_sign_in_that_is_too_old_is_refused_and_one_of_now_says_when(api: AuthApi) -> None:
    async with api.browser() as browser:
        await api.sign_in(browser)
        begun = await browser.get(SIGNIN, params={"maxAge": "60"})
        old = await api.provider.remembered_sign_in(begun.headers["location"], "alice", timedelta(hours=1))

        refused = await browser.get(f"{PREFIX}/callback", params=tuple(old))

        assert refused.status_code == 403
        assert "auth_time_too_old" in refused.text
        assert "did not show that you signed in again" in refused.text
        api.clock.advance(timedelta(minutes=3))
        await api.sign_in(browser, maxAge="60")
        session = (await browser.get(f"{PREFIX}/me")).json()["session"]
        assert session["authenticatedAt"] == session["createdAt"] == "2026-01-01T00:03:00Z"


@pytest.mark.parametrize("wish", [-1, 2_592_001, "soon", 1.5, []])
async def test_an_age_that_is_none_is_refused(api: AuthApi, wish: object) -> None:
    async with api.program() as program:
        answer = await program.post(SIGNIN, json={"maxAge": wish})

    assert answer.status_code == 422
    assert list(answer.json()["data"]["fieldErrors"]) == ["maxAge"]


async def test_a_provider_that_cannot_prove_the_age_is_refused_before_anybody_signs_in() -> None:
    async with running_auth_api(ChoiceBackend) as api, api.program() as program:
        answer = await program.post(SIGNIN, json={"providerId": "pretend", "maxAge": 60})

    assert answer.status_code == 422
    assert answer.json()["data"]["fieldErrors"] == {
        "maxAge": ["pretend cannot prove when somebody signed in there"]
    }


async def test_of_several_providers_those_are_offered_that_can_prove_the_age() -> None:
    async with running_auth_api(_OneProves) as api, api.browser() as browser:
        begun = await browser.get(SIGNIN, params={"maxAge": "60"})
        page, whole = await browser.get(begun.headers["location"]), await browser.get("/login")

    assert begun.headers["location"] == "/login?maxAge=60"
    assert [name in page.text for name in ("Continue with Pretend", "Continue with O")] == [True, False]
    assert "providerId=pretend&amp;maxAge=60" in page.text
    assert [name in whole.text for name in ("Continue with Pretend", "Continue with O")] == [True, True]


class _OneProves(ChoiceBackend):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        first, second = self.providers.list()
        vars(self.providers)["_all"] = [first.model_copy(update={"step_up": True}), second]


async def test_a_backend_that_cannot_ask_for_an_age_says_so() -> None:
    async with running_auth_api(_ProvesNothing) as api, api.program() as program:
        answers = [
            await program.post(SIGNIN, json={"maxAge": 60}),
            await program.get(SIGNIN, params={"maxAge": "60"}),
        ]

    for answer in answers:
        assert answer.status_code == 501
        assert answer.json()["data"]["operation"] == "step_up"
        assert answer.json()["data"]["reason"] == "its providers prove nothing"


class _ProvesNothing(MemoryAuthBackend):
    capabilities = Capabilities(
        frozenset(Capability) - {Capability.STEP_UP},
        why_not={Capability.STEP_UP: "its providers prove nothing"},
    )


async def test_a_flow_cookie_that_no_browser_keeps_is_a_named_fault_of_the_backend() -> None:
    async with running_auth_api(OddFlowBackend) as api, api.program() as program:
        answer = await program.get(SIGNIN)

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert not set_cookies(answer)
    assert [event.reason for event in api.events.taken] == ["capability_mismatch"]


async def test_an_outage_is_told_as_one_and_not_as_a_fault_of_the_caller(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.outage():
        answer = await browser.get(SIGNIN)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "backend_unavailable" in answer.text
    assert "does not answer at the moment. Nobody was signed in" in answer.text
