"""Catalogue D1, D2, D7, D8 and D9, second order: what is kept for later and shown then."""

from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.ports import AuthRequest, Denied, Outcome
from netscript_auth_core.reasons import DenialReason
from tests.attacks.oracle import expect_no_secret, secrets_of
from tests.attacks.signed_in import OUT, SignedIn
from tests.attacks.whole_run import run_through
from tests.attacks.world import TTL, World
from tests.support.auth_api import PREFIX, SESSION_COOKIE, running_auth_api
from tests.support.web_browser import WebBrowser

MARKUP = "<script>alert(1)</script>"
OPEN_TO_ALL = ("/", "/health", "/health/live", "/health/ready", "/api/docs", "/api/openapi.json")


CONDITIONS: list[dict[str, str]] = [
    {"if-none-match": "*"},
    {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"range": "bytes=0-10"},
    {"accept": "text/plain"},
    {"accept-encoding": "gzip, br"},
    {"cache-control": "only-if-cached, max-stale=99999"},
    {"connection": "x-request-id, cookie"},
]


@pytest.mark.parametrize("headers", CONDITIONS, ids=str)
@pytest.mark.parametrize("is_signed_in", [False, True], ids=["nobody", "somebody"])
async def test_d1_no_condition_and_no_wish_changes_who_it_is(
    world: World, victim: WebBrowser, headers: dict[str, str], *, is_signed_in: bool
) -> None:
    if is_signed_in:
        await world.sign_in(victim)

    answers = [await victim.fetch(f"{PREFIX}/{name}", headers=headers) for name in ("session", "me")]

    for answer in answers:
        assert answer.status_code == httpx.codes.OK
        assert answer.json()["authenticated"] is is_signed_in
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["vary"] == "Cookie, Authorization"
        assert "etag" not in answer.headers


async def test_d2_a_clock_that_steps_back_gives_nobody_a_longer_session(
    world: World, victim: WebBrowser
) -> None:
    begun = world.clock.now()
    await world.sign_in(victim)
    thief = world.thief(victim)
    world.clock.set(begun - timedelta(days=3))
    assert await world.who(thief) == "Alice Example"
    await world.settle()

    world.clock.set(begun + TTL)

    cookie = f"{SESSION_COOKIE}={thief.jar.value(SESSION_COOKIE)}"
    assert await SignedIn(world, "", "").read_with(cookie.encode()) == OUT


async def test_d7_what_is_open_to_all_holds_no_secret(world: World) -> None:
    browser = await run_through(world)

    answers = [await browser.fetch(path) for path in OPEN_TO_ALL]

    assert {answer.status_code for answer in answers} == {200}
    expect_no_secret(secrets_of(world), [answer.text for answer in answers], "what is open to all")


async def test_d7_a_fault_of_ours_tells_the_browser_nothing_of_itself(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)

    async def break_down(_: str) -> None:
        raise RuntimeError(f"while reading {victim.jar.value(SESSION_COOKIE)}")

    world.store.before_get = break_down
    answers = [
        await victim.fetch(f"{PREFIX}/me"),
        await victim.fetch(f"{PREFIX}/sessions"),
        await victim.open("/account"),
    ]

    assert {answer.status_code for answer in answers} == {500}
    for answer in answers:
        assert "while reading" not in answer.text
        assert "RuntimeError" not in answer.text
    expect_no_secret(secrets_of(world), [answer.text for answer in answers], "the answer")


@pytest.mark.parametrize("agent", [MARKUP, '"><img src=x onerror=alert(1)>', "{{7*7}}", "a" * 9000, "\t"])
async def test_d8_what_a_browser_calls_itself_is_shown_as_text(
    world: World, victim: WebBrowser, agent: str
) -> None:
    callback = await world.agree(victim)
    cookies = victim.jar.header(httpx.URL(callback), is_same_site=True, is_safe_navigation=True)
    request = httpx.Request("GET", callback, headers={"user-agent": agent, "cookie": cookies})
    answer = await victim.send(request)
    (line,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(SESSION_COOKIE)]
    victim.jar.take(httpx.URL(callback), line)

    page = await victim.open("/account")
    listed = await victim.fetch(f"{PREFIX}/sessions")

    assert "<script" not in page.text
    assert "<img" not in page.text
    assert ">49<" not in page.text
    (session,) = listed.json()["sessions"]
    assert len(session["device"].get("userAgent", "")) <= 255


async def test_d8_a_request_id_of_somebodys_choosing_is_not_repeated_unless_it_is_plain(
    world: World, victim: WebBrowser
) -> None:
    for given in (MARKUP, "a b", "x" * 500, "\u0430bc", 'a"b', "a,b"):
        request = httpx.Request("GET", f"{victim.home}/error?reason=flow_used")
        request.headers.raw.append((b"x-request-id", given.encode()))

        answer = await victim.send(request)

        assert answer.headers["x-request-id"] != given
        assert given not in answer.text


class _Moody(MemoryAuthBackend):
    """Lets everybody in until it is told not to."""

    is_banned = False

    async def authenticate(self, request: AuthRequest) -> Outcome:
        return (
            Denied(DenialReason.ACCOUNT_DISABLED) if self.is_banned else await super().authenticate(request)
        )


async def test_d9_an_account_that_is_disabled_while_its_session_lives_is_out_with_the_next_read() -> None:
    async with running_auth_api(_Moody) as api, api.browser() as browser:
        await api.sign_in(browser)
        assert (await browser.get(f"{PREFIX}/me")).json()["authenticated"] is True

        assert isinstance(api.backend, _Moody)
        api.backend.is_banned = True

        reads = [(await browser.get(f"{PREFIX}/{name}")) for name in ("session", "me", "sessions")]
        assert [read.status_code for read in reads] == [200, 200, 403]
        assert [read.json() for read in reads[:2]] == [
            {"authenticated": False, "reason": "account_disabled"}
        ] * 2
        assert not [read for read in reads if "set-cookie" in read.headers]
        assert (await browser.get("/account")).status_code == 403
