"""Catalogue D1, D3 and D4: what in a request counts, and what does not."""

import base64
from collections.abc import AsyncGenerator

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.attacks.opening import open_world
from tests.attacks.signed_in import IN, OUT, READS, SignedIn
from tests.attacks.world import World
from tests.support.auth_api import FLOW_PREFIX, PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

NAME = SESSION_COOKIE.encode()
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture(scope="module")
async def signed_in() -> AsyncGenerator[SignedIn]:
    async with open_world() as world:
        browser = world.browser()
        await world.sign_in(browser)
        yield SignedIn(world, str(browser.jar.value(SESSION_COOKIE)), await world.handle(browser))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", READS)
async def test_d1_without_a_cookie_there_is_nobody_and_nothing_is_set(
    world: World, victim: WebBrowser, name: str, method: str
) -> None:
    answer = await victim.fetch(f"{PREFIX}/{name}", method=method)

    assert answer.status_code == httpx.codes.OK
    assert method == "HEAD" or answer.json() == {"authenticated": False, "reason": "no_session"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Cookie, Authorization"
    assert "set-cookie" not in answer.headers
    assert world.events.taken == []


@pytest.mark.parametrize(
    "cookies", [b"", b"a=b", b"a", b"=", b";;;", NAME, NAME + b"X=1", b"x" + NAME + b"=1"]
)
async def test_d1_a_cookie_that_is_not_ours_is_no_cookie(signed_in: SignedIn, cookies: bytes) -> None:
    answer = await signed_in.read("session", (b"cookie", cookies))

    assert answer.json() == {"authenticated": False, "reason": "no_session"}


@pytest.mark.parametrize("name", READS)
async def test_d3_a_token_anywhere_but_in_its_cookie_lets_nobody_in(signed_in: SignedIn, name: str) -> None:
    token = signed_in.token.encode()
    basic = base64.b64encode(b"session:" + token)
    carriers = {
        b"authorization": [b"Bearer " + token, b"Basic " + basic, token],
        b"x-session": [token],
        b"x-netscript-session": [token],
        b"cookie2": [NAME + b"=" + token],
        b"cookie": [b"netscript-session=" + token, NAME.lower() + b"=" + token, NAME + b" =" + token],
    }

    answers = [
        await signed_in.read(name, (header, value)) for header, values in carriers.items() for value in values
    ]
    answers += [
        await signed_in.read(name, query=f"?{parameter}={signed_in.token}")
        for parameter in (SESSION_COOKIE, "session", "token", "access_token", "sessionId")
    ]

    assert {answer.json()["authenticated"] for answer in answers} == {False}


async def test_d3_a_token_in_path_or_body_is_not_looked_at(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)
    token = str(victim.jar.value(SESSION_COOKIE))
    stranger = world.browser()

    in_path = await stranger.fetch(f"{PREFIX}/session/{token}")
    in_body = await stranger.fetch(f"{PREFIX}/me", body=f'{{"session":"{token}"}}'.encode())

    assert in_path.status_code == httpx.codes.NOT_FOUND
    assert in_body.json()["authenticated"] is False


async def test_d3_the_handle_that_people_are_shown_is_no_key(signed_in: SignedIn) -> None:
    outcome = await signed_in.read_with(NAME + b"=" + signed_in.handle.encode())

    assert outcome == OUT


async def test_d4_a_token_with_any_one_bit_changed_is_nobodys(signed_in: SignedIn) -> None:
    token = signed_in.token.encode()
    flipped = [
        token[:at] + bytes([token[at] ^ 1 << bit]) + token[at + 1 :]
        for at in range(len(token))
        for bit in range(8)
    ]

    outcomes = {await signed_in.read_with(NAME + b"=" + each) for each in flipped}

    assert outcomes == {OUT}


async def test_d4_no_other_last_character_spells_the_same_token(signed_in: SignedIn) -> None:
    spelt = [signed_in.token[:-1].encode() + bytes([last]) for last in ALPHABET]

    outcomes = [await signed_in.read_with(NAME + b"=" + each) for each in spelt]

    assert outcomes.count(IN) == 1, "base64 leaves bits over, and we compare text"


MANIPULATED = {
    "empty": b"",
    "truncated": b"%s",
    "doubled": b"%s%s",
    "quoted": b'"%s"',
    "escaped": b"%%41%s",
    "a stray percent": b"%s%%",
    "a bad escape": b"%%ZZ",
    "padded": b"%s=",
    "a comma": b"%s,%s",
    "signed": b"%s.signature",
    "not UTF-8": b"\xff\xfe\xc0\xaf",
    "a NUL": b"%s\x00",
    "a newline": b"%s\n",
    "wide": "\uff21".encode() * 43,
    "100 kB": b"A" * 100_000,
    "another alphabet": b"+/" * 21 + b"A",
    "an old seal": b"Fe26.2**" + b"A" * 300,
    "a JWT": b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
}


@pytest.mark.parametrize("name", MANIPULATED)
async def test_d4_a_manipulated_token_is_nobodys(signed_in: SignedIn, name: str) -> None:
    token = signed_in.token.encode()
    piece = token[:-1] if name == "truncated" else token
    value = MANIPULATED[name].replace(b"%s", piece).replace(b"%%", b"%")

    assert await signed_in.read_with(NAME + b"=" + value) == OUT


async def test_d4_of_two_cookies_of_our_name_neither_counts_and_neither_is_touched(
    signed_in: SignedIn,
) -> None:
    own = NAME + b"=" + signed_in.token.encode()
    other = NAME + b"=" + b"A" * 43

    for headers in ([own + b"; " + other], [other + b"; " + own], [own, other], [own, own]):
        answer = await signed_in.read("me", *((b"cookie", each) for each in headers))
        assert answer.json() == {"authenticated": False, "reason": "cookie_ambiguous"}
        assert "set-cookie" not in answer.headers


@given(value=st.binary(max_size=200))
@example(value=b"A" * 43)
async def test_d4_whatever_stands_in_our_cookie_is_nobodys(signed_in: SignedIn, value: bytes) -> None:
    assert await signed_in.read_with(NAME + b"=" + value) == OUT


@given(before=st.binary(max_size=60), after=st.binary(max_size=60))
@example(before=b'a="', after=b'"')
@example(before=b"a=%ZZ", after=b"b=%")
async def test_d4_whatever_stands_around_our_cookie_does_not_disturb_it(
    signed_in: SignedIn, before: bytes, after: bytes
) -> None:
    own = NAME + b"=" + signed_in.token.encode()

    assert await signed_in.read_with(before + b"; " + own + b";" + after) == IN


async def test_d4_a_flow_cookie_with_any_one_bit_changed_binds_nothing(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    (name,) = victim.jar.names(FLOW_PREFIX)
    value = str(victim.jar.value(name)).encode()

    for at in range(len(value)):
        changed = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        headers = [(b"host", b"auth.acme.example"), (b"cookie", name.encode() + b"=" + changed)]
        request = httpx.Request("GET", callback, headers=headers)
        answer = await httpx.ASGITransport(world.workers[0].app).handle_async_request(request)
        assert answer.status_code == httpx.codes.FORBIDDEN, (at, value[at])

    assert world.asked_for_tokens() == 0
    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example"
