"""J4: what a better-auth server may answer. Half an answer lets nobody in, no outage signs anybody out."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest

from netscript_auth_better_auth.server import server_http
from tests.attacks.better_auth_world import (
    COOKIE,
    Answer,
    BetterAuthWorld,
    cookie_value,
    good_answer,
    open_better_auth_world,
)

JSON = {"content-type": "application/json"}
DELETED = f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax"

NOBODY: dict[str, dict[str, object]] = {
    "a session without a user": {"user": None},
    "a user without a session": {"session": None},
    "neither": {"session": None, "user": None},
    "lists": {"session": [], "user": []},
    "text": {"session": "x", "user": "y"},
    "no expiry": {"session__expiresAt": None},
    "an unparsable expiry": {"session__expiresAt": "tomorrow"},
    "an expiry as a number": {"session__expiresAt": 4102444800000},
    "an expiry without an offset": {"session__expiresAt": "2030-01-01T00:00:00"},
    "an expiry in the year 275760": {"session__expiresAt": "+275760-09-13T00:00:00.000Z"},
    "an expiry at the edge of time": {"session__expiresAt": "9999-12-31T23:59:59-14:00"},
    "no beginning": {"session__createdAt": None},
    "no token": {"session__token": ""},
    "a session of somebody else": {"session__userId": "mallory"},
    "no user id": {"user__id": None},
    "an empty user id": {"user__id": ""},
    "a user id as a number": {"user__id": 7},
    "an endless user id": {"user__id": "x" * 300},
    "a verified address as text": {"user__emailVerified": "true"},
    "a ban as text": {"user__banned": "no"},
    "a ban until never": {"user__banned": True, "user__banExpires": "never"},
}


def _raises(error: Exception) -> Answer:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    return answer


OUTAGES: dict[str, Answer] = {
    "a page": lambda _: httpx.Response(200, html="<title>Sign in</title>"),
    "a page that says null": lambda _: httpx.Response(200, html="null"),
    "nothing": lambda _: httpx.Response(200, content=b"", headers=JSON),
    "half of JSON": lambda _: httpx.Response(200, content=b'{"session": {', headers=JSON),
    "a number": lambda _: httpx.Response(200, json=7),
    "a list": lambda _: httpx.Response(200, json=[None]),
    "text": lambda _: httpx.Response(200, json="null"),
    "a large body": lambda _: httpx.Response(200, json={"session": "x" * 1_100_000}),
    "an encoded body": lambda _: httpx.Response(200, content=b"\x1f\x8b", headers={"content-encoding": "br"}),
    "no content": lambda _: httpx.Response(204),
    "a redirect": lambda _: httpx.Response(302, headers={"location": "https://evil.example"}),
    "400": lambda _: httpx.Response(400, json={"code": "BAD_REQUEST"}),
    "401": lambda _: httpx.Response(401, json={"code": "FAILED_TO_GET_SESSION"}),
    "403": lambda _: httpx.Response(403),
    "404": lambda _: httpx.Response(404, content=b"null", headers=JSON),
    "429": lambda _: httpx.Response(429, json={"message": "Too many requests."}),
    "500": lambda _: httpx.Response(500, content=b"null", headers=JSON),
    "502": lambda _: httpx.Response(502, html="Bad Gateway"),
    "503": lambda _: httpx.Response(503),
    "no connection": _raises(httpx.ConnectError("no")),
    "no answer in time": _raises(httpx.ReadTimeout("slow")),
    "a body that is cut off": _raises(httpx.RemoteProtocolError("cut")),
    "an untrusted certificate": _raises(httpx.ConnectError("certificate verify failed")),
}


@pytest.fixture
async def world() -> AsyncGenerator[BetterAuthWorld]:
    async with open_better_auth_world() as running:
        yield running


def _cookie(world: BetterAuthWorld) -> str:
    return f"{COOKIE}={cookie_value(world.token)}"


async def test_j4_null_is_nobody_and_the_browser_is_told_to_forget(world: BetterAuthWorld) -> None:
    headers = [("content-type", "application/json"), ("set-cookie", DELETED)]
    world.answer = lambda _: httpx.Response(200, content=b"null", headers=headers)

    answer = await world.me(cookie=_cookie(world))

    assert answer.json() == {"authenticated": False, "reason": "session_unknown"}
    assert answer.headers.get_list("set-cookie") == [DELETED]


@pytest.mark.parametrize("what", NOBODY)
async def test_j4_half_an_answer_lets_nobody_in(world: BetterAuthWorld, what: str) -> None:
    whole = {name: value for name, value in NOBODY[what].items() if "__" not in name}
    changes = {name: value for name, value in NOBODY[what].items() if "__" in name}
    world.says({**good_answer(world.token, **changes), **whole})

    assert await world.reason(cookie=_cookie(world)) == "session_unknown"


@pytest.mark.parametrize("what", OUTAGES)
async def test_j4_what_is_no_answer_is_an_outage_and_leaves_the_cookie_alone(
    world: BetterAuthWorld, what: str
) -> None:
    world.answer = OUTAGES[what]

    answer = await world.me(cookie=_cookie(world))

    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "AUTH_BACKEND_UNAVAILABLE"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("told", "expected"), [("7", "7"), ("86400", "60"), ("soon", "5"), ("-1", "5")])
async def test_j4_who_asks_too_often_is_told_when_to_come_back(
    world: BetterAuthWorld, told: str, expected: str
) -> None:
    world.answer = lambda _: httpx.Response(429, headers={"x-retry-after": told})

    answer = await world.me(cookie=_cookie(world))

    assert answer.headers["retry-after"] == expected


async def test_j4_a_server_that_hangs_is_not_waited_for(
    world: BetterAuthWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_http, "TOTAL_LIMIT", server_http.TOTAL_LIMIT * 0)

    async def hangs(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    world.answer = hangs  # type: ignore[assignment]  # awaited by the transport

    assert (await world.me(cookie=_cookie(world))).status_code == 503


@pytest.mark.parametrize("late", ["2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z"])
async def test_j4_a_session_that_has_expired_by_our_clock_is_over(world: BetterAuthWorld, late: str) -> None:
    world.says(good_answer(world.token, session__expiresAt=late))

    assert await world.reason(cookie=_cookie(world)) == "session_expired"


@pytest.mark.parametrize(
    "instants",
    [
        {"session__expiresAt": "9999-12-31T23:59:59.999Z"},
        {"session__createdAt": "9999-12-31T23:59:59.999Z"},
        {"session__createdAt": "9999-12-31T23:59:59.999Z", "session__expiresAt": "9999-12-31T23:59:59.999Z"},
        {"session__createdAt": "0001-01-01T00:00:00.000Z"},
    ],
)
async def test_j4_instants_at_the_edge_of_time_are_an_answer_and_no_error(
    world: BetterAuthWorld, instants: dict[str, object]
) -> None:
    world.says(good_answer(world.token, **instants))

    answer = await world.me(cookie=_cookie(world))

    assert answer.status_code in {200, 503}, answer.text
    assert answer.json().get("authenticated", False) is ("0001" not in str(instants))


async def test_j4_the_session_of_another_token_is_an_outage(world: BetterAuthWorld) -> None:
    world.says(good_answer("of-somebody-else-whom-a-cache-knows"))

    answer = await world.me(cookie=_cookie(world))

    assert answer.status_code == 503


@pytest.mark.parametrize("until", [None, "2026-01-01T00:00:01.000Z"])
async def test_j4_who_is_banned_is_not_let_in(world: BetterAuthWorld, until: str | None) -> None:
    world.says(good_answer(world.token, user__banned=True, user__banExpires=until))

    assert await world.reason(cookie=_cookie(world)) == "account_disabled"


async def test_j4_a_ban_ends_when_it_was_to_end(world: BetterAuthWorld) -> None:
    world.says(good_answer(world.token, user__banned=True, user__banExpires="2026-01-01T00:00:00.000Z"))

    answer = await world.me(cookie=_cookie(world))

    assert answer.json()["authenticated"] is True


async def test_j4_what_one_answer_leaves_is_not_sent_with_the_next_persons_request(
    world: BetterAuthWorld,
) -> None:
    headers = [("content-type", "application/json"), ("set-cookie", f"{COOKIE}=of-alice; Path=/; Secure")]
    world.answer = lambda _: httpx.Response(200, json=good_answer(world.token), headers=headers)
    await world.me(cookie=_cookie(world))
    world.http.cookies.clear()  # another browser

    other = cookie_value("b" * 32)

    await world.me(authorization=f"Bearer {other}")

    assert world.asked[-1].headers["authorization"] == f"Bearer {other}"
    assert "cookie" not in world.asked[-1].headers


async def test_j4_only_cookies_of_the_session_are_passed_on(world: BetterAuthWorld) -> None:
    renewed = f"{COOKIE}={cookie_value(world.token)}; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"
    cache = "__Secure-better-auth.session_data"
    cookies = [
        renewed,
        f"{cache}=abc; Max-Age=300; Path=/",
        f"{cache}=; Max-Age=0; Path=/",
        f"{COOKIE}.evil=1; Path=/",
        "__Host-netscript-session=attacker; Path=/; Secure",
        "theme=dark",
        f"{COOKIE}=x\x01y; Path=/",
        f"{COOKIE}={'x' * 5000}",
    ]
    headers = [("content-type", "application/json"), *(("set-cookie", line) for line in cookies)]
    world.answer = lambda _: httpx.Response(200, json=good_answer(world.token), headers=headers)

    answer = await world.me(cookie=_cookie(world))

    assert answer.headers.get_list("set-cookie") == [renewed, f"{cache}=; Max-Age=0; Path=/"]
