"""The middleware lets in who is known, turns everybody else away, and never guesses."""

import json
from typing import Any

import pytest

from netscript_auth_client import (
    AuthMiddleware,
    Denied,
    Nobody,
    RefusedError,
    caller_of,
    find_caller,
    need_roles,
    principal_of,
)
from netscript_auth_client.asgi import ASGIApp, Message, Scope
from tests.auth_client.asgi_calls import call, hello, http_scope, websocket_scope
from tests.auth_client.pretend_authority import PretendAuthority, alice

OURS = "__Host-netscript-session=new; Path=/; Secure"


def telling(told: list[Any]) -> ASGIApp:
    """An application that tells what it knows of who calls."""

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        told.append((principal_of(scope), caller_of(scope), scope["state"]["principal"]))
        await hello(scope, receive, send)

    return app


@pytest.mark.parametrize("scope", [http_scope("/x"), websocket_scope("/x")], ids=["request", "websocket"])
async def test_the_application_learns_who_calls(scope: Scope) -> None:
    told: list[Any] = []
    guarded = AuthMiddleware(telling(told), PretendAuthority(alice()))

    await call(guarded, scope)

    assert told == [(alice().principal, alice(), alice().principal)]


async def test_nobody_gets_in_unless_that_is_said() -> None:
    told: list[Any] = []
    authority = PretendAuthority(Nobody("session_expired"))

    refused = await call(AuthMiddleware(telling(told), authority), http_scope("/x"))
    passed = await call(AuthMiddleware(telling(told), authority, allow_nobody=True), http_scope("/x"))

    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.headers["cache-control"] == "no-store"
    assert refused.headers["content-type"] == "application/problem+json"
    problem = json.loads(refused.body)
    assert (problem["code"], problem["data"]) == ("UNAUTHORIZED", {"reason": "session_expired"})
    assert passed.status == 200
    assert told == [(None, None, None)]


@pytest.mark.parametrize("allow_nobody", [False, True])
async def test_who_is_denied_does_not_get_in_where_nobody_does(allow_nobody: bool) -> None:
    guarded = AuthMiddleware(hello, PretendAuthority(Denied("account_disabled")), allow_nobody=allow_nobody)

    reply = await call(guarded, http_scope("/x"))

    assert (reply.status, json.loads(reply.body)["data"]["reason"]) == (403, "account_disabled")


@pytest.mark.parametrize("allow_nobody", [False, True])
async def test_could_not_find_out_is_neither_somebody_nor_nobody(allow_nobody: bool) -> None:
    guarded = AuthMiddleware(hello, PretendAuthority(is_away=True), allow_nobody=allow_nobody)

    reply = await call(guarded, http_scope("/x"))

    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert json.loads(reply.body)["data"] == {"reason": "backend_unavailable"}


async def test_identity_headers_of_anybody_are_not_believed() -> None:
    headers = [
        (b"x-auth-request-user", b"usr_alice"),
        (b"x-forwarded-user", b"usr_alice"),
        (b"x-auth-request-groups", b"admin"),
    ]

    reply = await call(AuthMiddleware(hello, PretendAuthority()), http_scope("/x", *headers))

    assert reply.status == 401


async def test_a_public_path_is_open_and_nobody_is_asked() -> None:
    authority = PretendAuthority(is_away=True)
    guarded = AuthMiddleware(hello, authority, public=["/health"])

    open_to_all = await call(guarded, http_scope("/health"))
    other = await call(guarded, http_scope("/health/"))

    assert (open_to_all.status, other.status, authority.asked) == (200, 503, 1)


async def test_on_a_public_path_who_calls_is_found_out_when_wanted() -> None:
    found: list[Any] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        with pytest.raises(LookupError, match="find_caller"):
            principal_of(scope)
        found.append(await find_caller(scope))
        found.append(await find_caller(scope))
        await hello(scope, receive, send)

    authority = PretendAuthority(alice(cookies=(OURS,)))
    reply = await call(AuthMiddleware(app, authority, public=["/"]), http_scope("/"))

    assert found == [alice(), alice()]
    assert authority.asked == 1
    assert reply.set_cookies() == [OURS]


@pytest.mark.parametrize(
    ("authority", "status"),
    [(PretendAuthority(is_away=True), 503), (PretendAuthority(Denied("account_disabled")), 403)],
    ids=["outage", "denied"],
)
async def test_on_a_public_path_an_outage_is_no_anonymous_answer_either(
    authority: PretendAuthority, status: int
) -> None:
    async def app(scope: Scope, receive: Any, send: Any) -> None:
        await find_caller(scope)
        await hello(scope, receive, send)

    reply = await call(AuthMiddleware(app, authority, public=["/"]), http_scope("/"))

    assert reply.status == status


async def test_a_plain_application_refuses_by_raising() -> None:
    async def app(scope: Scope, receive: Any, send: Any) -> None:
        caller = caller_of(scope)
        assert caller is not None
        need_roles(caller, "admin", "clerk")
        await hello(scope, receive, send)

    guarded = AuthMiddleware(app, PretendAuthority(alice(roles=("clerk",), cookies=(OURS,))))

    reply = await call(guarded, http_scope("/x"))

    assert reply.status == 403
    assert json.loads(reply.body)["data"] == {"reason": "role_missing", "missing": ["admin"]}
    assert reply.set_cookies() == [OURS]


async def test_a_refusal_that_comes_too_late_ends_the_answer() -> None:
    async def app(scope: Scope, receive: Any, send: Any) -> None:
        await hello(scope, receive, send)
        need_roles(alice(), "admin")

    with pytest.raises(RefusedError):
        await call(AuthMiddleware(app, PretendAuthority(alice())), http_scope("/x"))


async def test_a_cookie_that_was_renewed_reaches_the_browser() -> None:
    guarded = AuthMiddleware(hello, PretendAuthority(alice(cookies=(OURS,))))

    answered = await call(guarded, http_scope("/x"))
    accepted = await call(guarded, websocket_scope("/x"))

    assert answered.set_cookies() == accepted.set_cookies() == [OURS]
    assert (answered.headers["content-type"], answered.body) == ("text/plain", b"hello")


@pytest.mark.parametrize(
    "name", [b"cache-control", b"Cache-Control", b"CDN-Cache-Control", b"surrogate-control"]
)
async def test_an_answer_with_a_renewed_cookie_is_kept_by_no_cache(name: bytes) -> None:
    async def app(scope: Scope, receive: Any, send: Any) -> None:
        headers = [(name, b"public, max-age=600"), (b"etag", b'"1"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    renewed = await call(AuthMiddleware(app, PretendAuthority(alice(cookies=(OURS,)))), http_scope("/x"))
    usual = await call(AuthMiddleware(app, PretendAuthority(alice())), http_scope("/x"))

    assert renewed.headers == {"cache-control": "no-store", "etag": '"1"', "set-cookie": OURS}
    assert usual.headers == {name.decode(): "public, max-age=600", "etag": '"1"'}


async def test_a_cookie_that_is_deleted_goes_with_the_refusal() -> None:
    gone = "wos-session=; Max-Age=0"

    reply = await call(AuthMiddleware(hello, PretendAuthority(Nobody("x", (gone,)))), http_scope("/x"))

    assert (reply.status, reply.set_cookies()) == (401, [gone])


@pytest.mark.parametrize(
    ("authority", "code"), [(PretendAuthority(), 1008), (PretendAuthority(is_away=True), 1013)]
)
async def test_a_websocket_of_nobody_is_closed_before_it_opens(
    authority: PretendAuthority, code: int
) -> None:
    reply = await call(AuthMiddleware(hello, authority), websocket_scope("/x"))

    assert [(message["type"], message["code"]) for message in reply.messages] == [("websocket.close", code)]


async def test_a_websocket_of_nobody_is_answered_where_the_server_can() -> None:
    scope = websocket_scope("/x", extensions={"websocket.http.response": {}})

    reply = await call(AuthMiddleware(hello, PretendAuthority()), scope)

    assert [message["type"] for message in reply.messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert reply.status == 401


async def test_a_head_request_is_refused_without_a_body() -> None:
    reply = await call(AuthMiddleware(hello, PretendAuthority()), http_scope("/x", method="HEAD"))

    assert (reply.status, reply.headers["content-length"], reply.body) == (401, "0", b"")


async def test_a_kind_of_request_that_is_not_known_lets_nobody_in() -> None:
    with pytest.raises(ValueError, match="not known"):
        await call(AuthMiddleware(hello, PretendAuthority(alice())), {"type": "http3", "headers": []})


async def test_without_the_middleware_nobody_is_known() -> None:
    with pytest.raises(LookupError, match="AuthMiddleware is not in front"):
        principal_of(http_scope("/x"))


async def live(app: ASGIApp, *messages: str) -> list[str]:
    """Play the server of a lifespan."""
    coming, sent = [{"type": f"lifespan.{each}"} for each in messages], list[str]()

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    return sent


LIVED = ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_the_authority_lives_as_long_as_the_application() -> None:
    authority = PretendAuthority()
    seen: list[list[str]] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        for _ in range(2):
            message = await receive()
            seen.append(list(authority.life))
            await send({"type": f"{message['type']}.complete"})

    sent = await live(AuthMiddleware(app, authority), "startup", "shutdown")

    assert sent == LIVED
    assert seen == [["started"], ["started"]]
    assert authority.life[:2] == ["started", "closed"]


async def test_it_is_closed_before_the_server_hears_that_all_is_over() -> None:
    authority = PretendAuthority()
    at_the_end: list[list[str]] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        at_the_end.append(list(authority.life))

    await AuthMiddleware(app, authority)({"type": "lifespan"}, receive, send)

    assert at_the_end == [["started"], ["started", "closed"]]


async def does_not_know_it(scope: Scope, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"


async def passes_over_it(scope: Scope, receive: Any, send: Any) -> None:
    return


@pytest.mark.parametrize("app", [does_not_know_it, passes_over_it])
async def test_an_application_without_a_lifespan_gets_one(app: ASGIApp) -> None:
    authority = PretendAuthority()

    sent = await live(AuthMiddleware(app, authority), "startup", "shutdown")

    assert sent == LIVED
    assert authority.life[0] == "started"


async def test_a_start_that_fails_fails_and_closes_the_authority() -> None:
    authority = PretendAuthority()

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        await live(AuthMiddleware(app, authority), "startup")

    assert authority.life == ["started", "closed"]
