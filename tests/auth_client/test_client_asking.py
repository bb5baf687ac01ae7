"""Asking auth-api: what goes there, and what of its answers lets somebody in."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from netscript_auth_client import AskAuthority, AuthMiddleware, Caller, Denied, Nobody, Outcome
from netscript_auth_client import auth_api as auth_api_module
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import SettableClock
from tests.auth_client.asgi_calls import call, hello, http_scope
from tests.auth_client.pretend_auth_api import (
    PRINCIPAL,
    PUBLIC_URL,
    URL,
    WHO,
    PretendAuthApi,
    problem,
    says_who,
)

NAME = "__Host-netscript-session"
SESSION = (b"cookie", f"theme=dark; {NAME}=secret-of-alice; tracker=1".encode())
BEARER = (b"authorization", b"Bearer token-of-alice")


def asking(api: PretendAuthApi, **more: Any) -> AskAuthority:
    return AskAuthority(URL, public_url=PUBLIC_URL, http=api.http, **more)


async def ask(api: PretendAuthApi, *headers: tuple[bytes, bytes]) -> Outcome:
    return await asking(api).authenticate(http_scope("/x", *(headers or (SESSION,))))


async def test_it_lets_in_whom_auth_api_names() -> None:
    caller = await ask(PretendAuthApi())

    assert isinstance(caller, Caller)
    assert (caller.principal.user_id, caller.principal.roles) == ("usr_alice", ("clerk",))
    assert (caller.name, caller.email) == ("Alice", "alice@acme.example")
    assert caller.authenticated_at == datetime(2026, 1, 1, tzinfo=UTC)


async def test_when_somebody_was_there_is_not_known_where_auth_api_does_not_say() -> None:
    api = PretendAuthApi()
    api.verify = httpx.Response(200, json={name: WHO[name] for name in ("principal", "user", "expiresAt")})

    caller = await ask(api)

    assert isinstance(caller, Caller)
    assert caller.authenticated_at is None


async def test_an_address_that_nobody_vouches_for_is_not_told() -> None:
    api = PretendAuthApi(user={"id": "usr_alice", "email": "boss@acme.example", "emailVerified": False})

    caller = await ask(api)

    assert isinstance(caller, Caller)
    assert caller.email is None


async def test_our_credentials_go_there_and_nothing_else_of_the_request() -> None:
    api = PretendAuthApi()
    more = [
        (b"host", b"evil.example"),
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-auth-request-user", b"usr_mallory"),
        (b"x-request-id", b"abc"),
        (b"user-agent", b"curl"),
        (b"accept", b"text/html"),
    ]

    await ask(api, SESSION, BEARER, *more)

    (request,) = api.requests
    assert str(request.url) == f"{URL}/api/v1/auth/verify"
    agent = request.headers.pop("user-agent")
    assert agent.startswith("netscript-auth-client/")
    assert dict(request.headers) == {
        "host": "acme.example",
        "accept": "application/json",
        "accept-encoding": "identity",
        "authorization": "Bearer token-of-alice",
        "cookie": f"{NAME}=secret-of-alice",
    }


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ((b"cookie", b"theme=dark"),),
        ((b"authorization", b"Basic dXNlcjpwdw=="),),
        ((b"cookie", f"{NAME}=a; {NAME}=b".encode()),),
        (BEARER, BEARER),
        ((b"authorization", b"Bearer"), SESSION),
    ],
    ids=["none", "foreign cookie", "basic", "two cookies", "two bearers", "malformed"],
)
async def test_what_can_be_nobody_only_costs_no_question(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    api = PretendAuthApi()

    outcome = await asking(api).authenticate(http_scope("/x", *headers))

    assert isinstance(outcome, Nobody)
    assert api.requests == []


async def test_its_refusals_are_passed_on_with_their_reasons() -> None:
    api = PretendAuthApi()

    api.verify = problem(401, "UNAUTHORIZED", "session_revoked")
    nobody = await ask(api)
    api.verify = problem(403, "FORBIDDEN", "account_disabled")
    denied = await ask(api)

    assert (nobody, denied) == (Nobody("session_revoked"), Denied("account_disabled"))


HTML = httpx.Response(200, html="<h1>Welcome</h1>")
ODD = {
    "HTML": HTML,
    "an empty 200": httpx.Response(200),
    "an empty object": httpx.Response(200, json={}),
    "null": httpx.Response(200, json=None),
    "an array": httpx.Response(200, json=[WHO]),
    "half of it": httpx.Response(200, json={"principal": PRINCIPAL}),
    "names of Python": httpx.Response(
        200, json={**WHO, "principal": {"user_id": "usr_alice", "session_handle": "s"}}
    ),
    "text in JSON's place": httpx.Response(200, text=json.dumps(WHO)),
    "JSON that breaks off": httpx.Response(
        200, content=b'{"principal":', headers={"content-type": "application/json"}
    ),
    "204": httpx.Response(204),
    "201": httpx.Response(201, json=WHO),
    "302": httpx.Response(302, headers={"location": "https://evil.example/verify"}),
    "a 302 to itself": httpx.Response(302, headers={"location": f"{URL}/api/v1/auth/verify"}),
    "404": httpx.Response(404),
    "429": problem(429, "RATE_LIMITED", "rate_limited"),
    "500": problem(500, "INTERNAL"),
    "503": problem(503, "AUTH_BACKEND_UNAVAILABLE", "backend_unavailable"),
    "a 401 of a proxy": httpx.Response(401, headers={"www-authenticate": "Basic"}),
    "a 401 with another code": problem(401, "ACME", "no_session"),
    "a 401 without a reason": problem(401, "UNAUTHORIZED"),
    "a 403 of a proxy": httpx.Response(403, html="Forbidden"),
    "400 for the host": problem(400, "BAD_REQUEST"),
    "encoded": httpx.Response(
        200, content=b"x", headers={"content-encoding": "br", "content-type": "application/json"}
    ),
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
async def test_an_odd_answer_is_neither_somebody_nor_nobody(answer: httpx.Response) -> None:
    api = PretendAuthApi()
    api.verify = answer

    reply = await call(AuthMiddleware(hello, asking(api), allow_nobody=True), http_scope("/x", SESSION))

    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert len(api.requests) == 1


async def test_how_long_to_wait_is_passed_on_within_reason() -> None:
    api, told = PretendAuthApi(), list[float]()

    for seconds in ("7", "100000", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "0"):
        api.verify = problem(503, "AUTH_BACKEND_UNAVAILABLE", **{"retry-after": seconds})
        with pytest.raises(BackendUnavailableError) as failure:
            await ask(api)
        told.append(failure.value.retry_after.total_seconds())

    assert told == [7, 60, 1, 1, 1]


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("secret-of-alice"),
        httpx.ReadTimeout("secret-of-alice"),
        httpx.RemoteProtocolError("secret-of-alice"),
        httpx.PoolTimeout("secret-of-alice"),
    ],
)
async def test_no_answer_is_told_without_a_secret(error: Exception) -> None:
    api = PretendAuthApi()

    def fails(request: httpx.Request) -> httpx.Response:
        raise error

    api.verify = fails

    with pytest.raises(BackendUnavailableError) as failure:
        await ask(api)

    assert "secret-of-alice" not in f"{failure.value}{failure.value.__cause__}"


class Endless(httpx.AsyncByteStream):
    """A body that goes on for ever."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield self._piece
            await asyncio.sleep(0)


async def test_an_answer_without_end_is_read_no_further_than_its_limit() -> None:
    api = PretendAuthApi()
    api.verify = httpx.Response(200, stream=Endless(b" " * 65536))

    with pytest.raises(BackendUnavailableError, match="more than 262144 bytes"):
        await ask(api)


async def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    api = PretendAuthApi()
    api.verify = httpx.Response(200, stream=Endless(b""))
    monkeypatch.setattr(auth_api_module, "TOTAL_LIMIT", auth_api_module.TOTAL_LIMIT / 1000)

    with pytest.raises(BackendUnavailableError, match="did not answer in time"):
        await ask(api)


async def test_only_cookies_that_were_asked_about_are_passed_on() -> None:
    api = PretendAuthApi()
    lines = [f"{NAME}=new; Path=/; Secure", "other=x; Path=/", f"{NAME}x=y"]
    answer = says_who()
    api.verify = httpx.Response(
        200,
        content=answer.content,
        headers=[*answer.headers.items(), *(("set-cookie", line) for line in lines)],
    )

    reply = await call(AuthMiddleware(hello, asking(api)), http_scope("/x", SESSION))

    assert reply.set_cookies() == lines[:1]


async def test_one_persons_cookie_is_not_kept_for_the_next(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = PretendAuthApi()
    answer = says_who()
    api.verify = httpx.Response(
        200, content=answer.content, headers={**answer.headers, "set-cookie": f"{NAME}=new"}
    )

    await ask(api, SESSION)
    await ask(api, BEARER)

    assert "cookie" not in api.requests[1].headers
    assert "secret-of-alice" not in caplog.text
    assert "token-of-alice" not in caplog.text


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {b"origin": b"https://evil.acme.example"}, 200),
        ("POST", {b"origin": b"https://acme.example"}, 200),
        ("POST", {b"origin": b"https://app.acme.example"}, 200),
        ("POST", {b"origin": b"https://evil.acme.example"}, 403),
        ("POST", {b"origin": b"http://acme.example"}, 403),
        ("POST", {b"origin": b"null", b"sec-fetch-site": b"same-origin"}, 200),
        ("POST", {b"origin": b"null", b"sec-fetch-site": b"cross-site"}, 403),
        ("POST", {b"origin": b"null"}, 403),
        ("POST", {b"sec-fetch-site": b"none"}, 200),
        ("POST", {b"sec-fetch-site": b"same-site"}, 403),
        ("POST", {}, 200),
        ("DELETE", {b"origin": b"https://evil.acme.example"}, 403),
        ("QUERY", {b"origin": b"https://evil.acme.example"}, 403),
    ],
)
async def test_pages_of_other_origins_cannot_act_by_the_cookie(
    method: str, headers: dict[bytes, bytes], status: int
) -> None:
    authority = asking(PretendAuthApi(), allowed_origins=["https://app.acme.example"])
    scope = http_scope("/x", SESSION, *headers.items(), method=method)

    reply = await call(AuthMiddleware(hello, authority), scope)

    assert reply.status == status


@pytest.mark.parametrize(
    ("origin", "opens"), [(b"https://acme.example", True), (b"https://evil.acme.example", False)]
)
async def test_a_websocket_opens_for_pages_of_our_origin_only(origin: bytes, opens: bool) -> None:
    scope = {"type": "websocket", "path": "/x", "headers": [SESSION, (b"origin", origin)]}

    reply = await call(AuthMiddleware(hello, asking(PretendAuthApi())), scope)

    assert (reply.messages[0]["type"] == "websocket.accept") is opens


async def test_a_bearer_token_travels_from_anywhere_since_no_browser_adds_it() -> None:
    scope = http_scope("/x", BEARER, (b"origin", b"https://evil.example"), method="POST")

    reply = await call(AuthMiddleware(hello, asking(PretendAuthApi())), scope)

    assert reply.status == 200


async def test_it_may_be_closed_and_used_again() -> None:
    authority = AskAuthority("http://127.0.0.1:9")

    for _ in range(2):
        await authority.start()
        with pytest.raises(BackendUnavailableError, match="nothing listens there"):
            await authority.authenticate(http_scope("/x", SESSION))
        await authority.aclose()


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    ours = [record for record in caplog.records if record.name == "netscript.auth.client"]
    return [(record.levelname, record.getMessage()) for record in ours]


async def cannot_ask(authority: AskAuthority) -> None:
    with pytest.raises(BackendUnavailableError):
        await authority.authenticate(http_scope("/x", SESSION))


async def test_an_auth_api_that_is_not_there_is_told_once_and_that_it_is_back_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "netscript.auth.client")
    api = PretendAuthApi()
    authority = asking(api)
    api.verify = httpx.Response(503)
    await cannot_ask(authority)
    await cannot_ask(authority)
    api.verify = says_who()

    await authority.authenticate(http_scope("/x", SESSION))
    await authority.authenticate(http_scope("/x", SESSION))

    assert told(caplog) == [
        ("WARNING", "auth-api cannot be asked, and nobody is let in: /verify answered 503"),
        ("INFO", "auth-api answers again"),
    ]


async def test_a_port_at_which_nobody_listens_is_told_with_the_address(
    caplog: pytest.LogCaptureFixture, free_port: int
) -> None:
    authority = AskAuthority(f"http://127.0.0.1:{free_port}")

    await cannot_ask(authority)
    await authority.aclose()

    ((level, words),) = told(caplog)
    assert level == "WARNING"
    assert f"GET http://127.0.0.1:{free_port}/api/v1/auth/verify: nothing listens there" in words
    assert "NETSCRIPT_CALLERS_AUTH_URL" in words
    assert "secret-of-alice" not in words


async def test_a_host_that_is_not_served_is_told_with_the_variable(caplog: pytest.LogCaptureFixture) -> None:
    api = PretendAuthApi()
    api.verify = problem(400, "BAD_REQUEST")

    await cannot_ask(asking(api))

    ((_, words),) = told(caplog)
    assert "/verify answered 400: this host is not served there; set NETSCRIPT_CALLERS_PUBLIC_URL" in words


async def test_coming_and_going_is_warned_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock, api = SettableClock(), PretendAuthApi()
    authority = asking(api, clock=clock)
    for _ in range(3):
        api.verify = httpx.Response(503)
        await cannot_ask(authority)
        api.verify = says_who()
        await authority.authenticate(http_scope("/x", SESSION))
    assert len(told(caplog)) == 1
    clock.advance(timedelta(minutes=1))
    api.verify = httpx.Response(503)

    await cannot_ask(authority)

    assert len(told(caplog)) == 2
