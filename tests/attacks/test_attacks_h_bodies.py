"""Catalogue H1 and H2, second order: bodies and headers that two readers may read differently."""

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.attacks.oracle import refused
from tests.attacks.world import EVIL, SIGNIN, SIGNOUT, World
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE
from tests.support.web_browser import FORM, WebBrowser

JSON = "application/json"
REFUSED = EventName.REQUEST_REFUSED
HOST = (b"host", b"auth.acme.example")
OWN = (b"origin", PUBLIC_URL.encode())


async def _post(world: World, path: str, body: bytes, *headers: tuple[bytes, bytes]) -> httpx.Response:
    request = httpx.Request("POST", f"{PUBLIC_URL}{path}", content=body)
    request.headers = httpx.Headers([HOST, (b"content-length", b"%d" % len(body)), *headers])
    answer = await httpx.ASGITransport(world.workers[0].app).handle_async_request(request)
    await answer.aread()
    return answer


def _type(kind: str) -> tuple[bytes, bytes]:
    return b"content-type", kind.encode()


@pytest.mark.parametrize(
    "origins",
    [[EVIL, PUBLIC_URL], [f"{PUBLIC_URL},{EVIL}"], [f"{PUBLIC_URL} {EVIL}"], [f"{PUBLIC_URL}.evil.example"]],
    ids=str,
)
async def test_h1_of_several_origins_the_foreign_one_counts(world: World, origins: list[str]) -> None:
    headers = [(b"origin", each.encode()) for each in origins]

    sent = _post(world, SIGNIN, b"{}", _type(JSON), *headers)

    await refused(world, sent, 403, "cross_site")


@pytest.mark.parametrize(
    "origin",
    [
        *("https://AUTH.acme.example", "https://auth.acme.example/", "https://auth.acme.example:443"),
        *(
            "HTTPS://auth.acme.example",
            "auth.acme.example",
            "//auth.acme.example",
            "http://auth.acme.example",
        ),
        *("https://auth.acme.example\x00", "https://auth.acme.example.", "https://u@auth.acme.example", "*"),
    ],
    ids=ascii,
)
async def test_h1_an_origin_that_no_browser_writes_so_is_not_ours(world: World, origin: str) -> None:
    sent = _post(world, SIGNIN, b"{}", _type(JSON), (b"origin", origin.encode()))

    await refused(world, sent, 403, "cross_site")


async def test_h1_a_host_of_somebodys_choosing_makes_no_origin_ours(world: World) -> None:
    request = httpx.Request("POST", f"{PUBLIC_URL}{SIGNIN}", content=b"{}")
    request.headers = httpx.Headers([(b"host", b"evil.example"), (b"origin", EVIL.encode()), _type(JSON)])

    sent = world.browser().send(request)

    await refused(world, sent, 400, "bad_request", event=None)


async def test_h1_metadata_does_not_make_up_for_a_foreign_origin(world: World) -> None:
    headers = [(b"origin", EVIL.encode()), (b"sec-fetch-site", b"same-origin"), (b"x-netscript-csrf", b"1")]

    sent = _post(world, SIGNIN, b"{}", _type(JSON), *headers)

    await refused(world, sent, 403, "cross_site")


@pytest.mark.parametrize(
    "body",
    [
        b'{"redirectTo":"/account","redirectTo":"https://evil.example/"}',
        b'{"redirectTo":"/account","redirectT\\u006f":"https://evil.example/"}',
    ],
)
async def test_h2_of_two_members_of_one_name_the_one_that_is_used_is_the_one_that_is_checked(
    world: World, body: bytes
) -> None:
    for path in (SIGNIN, SIGNOUT):
        answer = await _post(world, path, body, _type(JSON), OWN)

        assert answer.status_code == httpx.codes.FORBIDDEN
        assert answer.json()["data"]["reason"] == "redirect_not_allowed"

    turned = b'{"redirectTo":"https://evil.example/","redirectTo":"/account"}'
    told = (await _post(world, SIGNOUT, turned, _type(JSON), OWN)).json()
    assert told == {"signedOut": True, "ended": 0, "redirectTo": "/account"}


@pytest.mark.parametrize(
    "name", ["redirect_to", "RedirectTo", "redirectto", "redirectTo ", "constructor", "__proto__"]
)
async def test_h2_a_member_of_nearly_the_name_is_refused_and_not_dropped(world: World, name: str) -> None:
    body = f'{{"{name}":"https://evil.example/"}}'.encode()

    sent = _post(world, SIGNIN, body, _type(JSON), OWN)

    await refused(world, sent, 422, "validation_error")


ODD_BODIES: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "a comment": b"{/* */}",
    "a last comma": b'{"everywhere":true,}',
    "single quotes": b"{'everywhere':true}",
    "NaN": b'{"everywhere":NaN}',
    "two values": b"{}{}",
    "a NUL behind": b"{}\x00",
    "half a character": b'{"redirectTo":"\\ud800"}',
    "a bad escape": b'{"redirectTo":"\\x41"}',
    "a line end in text": b'{"redirectTo":"/a\n"}',
    "bytes that are no UTF-8": b'{"redirectTo":"\xc0\xaf"}',
    "too deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
}


@pytest.mark.parametrize("name", ODD_BODIES)
@pytest.mark.parametrize("path", [SIGNIN, SIGNOUT])
async def test_h2_what_only_some_readers_take_for_json_is_refused(world: World, path: str, name: str) -> None:
    event = EventName.SIGNIN_FAILED if path == SIGNIN else REFUSED

    sent = _post(world, path, ODD_BODIES[name], _type(JSON), OWN)

    await refused(world, sent, 400, "bad_request", event=event)


@pytest.mark.parametrize("value", ['"true"', "1", "null", '["true"]', "{}", '"on"'])
async def test_h2_a_wish_that_is_refused_ends_nothing(world: World, victim: WebBrowser, value: str) -> None:
    await world.sign_in(victim)
    cookie = (b"cookie", f"{SESSION_COOKIE}={victim.jar.value(SESSION_COOKIE)}".encode())

    answer = await _post(world, SIGNOUT, f'{{"everywhere":{value}}}'.encode(), _type(JSON), OWN, cookie)

    assert answer.status_code in {200, 422}
    assert (await world.who(victim) is None) == (answer.status_code == 200)


@pytest.mark.parametrize("query", ["redirectTo=/a", "everywhere=true", "x=y"])
async def test_h2_a_body_is_not_mixed_with_the_query(world: World, victim: WebBrowser, query: str) -> None:
    other = world.browser()
    for browser in (victim, other):
        await world.sign_in(browser)
    cookie = (b"cookie", f"{SESSION_COOKIE}={victim.jar.value(SESSION_COOKIE)}".encode())

    answer = await _post(world, f"{SIGNOUT}?{query}", b"{}", _type(JSON), OWN, cookie)

    assert answer.json() == {"signedOut": True, "ended": 1}
    assert await world.who(other) == "Alice Example", "nothing in an address ends everything"


@pytest.mark.parametrize("fields", [b"everywhere=true&everywhere=false", b"redirectTo=/a&redirectTo=/b"])
async def test_h2_a_field_that_is_posted_twice_is_refused(world: World, fields: bytes) -> None:
    sent = _post(world, SIGNOUT, fields, _type(FORM), OWN)

    await refused(world, sent, 422, "validation_error", event=REFUSED)


@pytest.mark.parametrize("length", [b"-1", b"+2", b"0x2", b"2, 2", b" ", b"99999999999999999999"])
async def test_h2_a_length_that_is_none_is_refused(world: World, length: bytes) -> None:
    request = httpx.Request("POST", f"{PUBLIC_URL}{SIGNIN}", content=b"{}")
    request.headers = httpx.Headers([HOST, (b"content-length", length), _type(JSON), OWN])

    answer = await world.browser().send(request)

    assert answer.status_code in {400, 413}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["session", "me", "sessions", "providers", "describe"])
@pytest.mark.parametrize(
    "header", ["x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-original-method"]
)
async def test_h2_no_header_makes_another_request_of_a_request(
    world: World, victim: WebBrowser, path: str, header: str
) -> None:
    plain = await victim.fetch(f"{PREFIX}/{path}")

    given = await victim.fetch(f"{PREFIX}/{path}", headers={header: SIGNOUT})

    assert (given.status_code, _without_id(given)) == (plain.status_code, _without_id(plain))


def _without_id(answer: httpx.Response) -> dict[str, object]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}
