"""FastAPI: what a dependency lets in, what it answers instead, and how it shows in the document."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, WebSocket

from netscript_auth_client import Denied, Nobody
from netscript_auth_client.fastapi import (
    CurrentCaller,
    CurrentPrincipal,
    OptionalPrincipal,
    Principal,
    answer_refusals,
    protect,
    require_recent,
    require_roles,
    require_scopes,
)
from netscript_kernel.errors import ConfigurationError
from tests.auth_client.asgi_calls import call, websocket_scope
from tests.auth_client.pretend_authority import PretendAuthority, alice


def service(authority: PretendAuthority, **options: Any) -> FastAPI:
    app = FastAPI()
    protect(app, authority, **options)

    @app.get("/me")
    async def me(principal: CurrentPrincipal, caller: CurrentCaller) -> list[str | None]:
        return [principal.user_id, caller.name]

    @app.get("/maybe")
    async def maybe(principal: OptionalPrincipal) -> str | None:
        return principal.user_id if principal else None

    @app.get("/orders")
    async def orders(who: Annotated[Principal, require_scopes("orders:read", "orders:write")]) -> str:
        return who.user_id

    @app.get("/admin", dependencies=[require_roles("admin")])
    async def admin() -> str:
        return "admin"

    @app.get("/danger", dependencies=[require_recent(timedelta(minutes=5))])
    async def danger() -> str:
        return "done"

    @app.websocket("/live")
    async def live(socket: WebSocket, principal: CurrentPrincipal) -> None:
        await socket.accept()
        await socket.close()

    assert all(map(callable, (me, maybe, orders, admin, danger, live)))
    return app


def browser(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders.example")


async def get(authority: PretendAuthority, path: str, **options: Any) -> httpx.Response:
    async with browser(service(authority, **options)) as http:
        return await http.get(path)


async def test_a_route_learns_who_calls() -> None:
    answer = await get(PretendAuthority(alice()), "/me")

    assert answer.json() == ["usr_alice", "Alice"]


@pytest.mark.parametrize("path", ["/me", "/admin", "/docs", "/openapi.json", "/nothing"])
async def test_everything_is_closed_to_nobody(path: str) -> None:
    answer = await get(PretendAuthority(), path)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("options", [{"allow_nobody": True}, {"public": ["/me", "/maybe", "/admin"]}])
async def test_where_nobody_may_come_in_each_route_decides(options: dict[str, Any]) -> None:
    authority = PretendAuthority(Nobody("session_expired"))

    answers = {path: await get(authority, path, **options) for path in ("/me", "/maybe", "/admin")}

    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/me": 401,
        "/maybe": 200,
        "/admin": 401,
    }
    assert answers["/maybe"].json() is None
    assert answers["/me"].json()["data"] == {"reason": "session_expired"}
    assert answers["/me"].headers["www-authenticate"] == "Bearer"


async def test_somebody_is_known_on_a_public_path_too() -> None:
    assert (await get(PretendAuthority(alice()), "/maybe", public=["/maybe"])).json() == "usr_alice"


@pytest.mark.parametrize("path", ["/me", "/maybe", "/admin"])
@pytest.mark.parametrize("options", [{}, {"allow_nobody": True}, {"public": ["/me", "/maybe", "/admin"]}])
async def test_an_outage_lets_nobody_in_anywhere(path: str, options: dict[str, Any]) -> None:
    answer = await get(PretendAuthority(is_away=True), path, **options)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_who_is_denied_is_not_nobody() -> None:
    answer = await get(PretendAuthority(Denied("account_disabled")), "/maybe", public=["/maybe"])

    assert (answer.status_code, answer.json()["data"]["reason"]) == (403, "account_disabled")


async def test_missing_scopes_are_named() -> None:
    some = await get(PretendAuthority(alice(scopes=("orders:read",))), "/orders")
    every = await get(PretendAuthority(alice(scopes=("orders:read", "orders:write"))), "/orders")

    assert some.status_code == 403
    assert some.json()["data"] == {"reason": "scope_missing", "missing": ["orders:write"]}
    assert some.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="orders:write"'
    assert (every.status_code, every.json()) == (200, "usr_alice")


async def test_missing_roles_are_named() -> None:
    some = await get(PretendAuthority(alice(roles=("clerk",))), "/admin")
    every = await get(PretendAuthority(alice(roles=("admin",))), "/admin")

    assert some.status_code == 403
    assert some.json()["data"] == {"reason": "role_missing", "missing": ["admin"]}
    assert every.status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (300, 200), (301, 401)])
async def test_for_what_is_dangerous_a_sign_in_has_to_be_recent(seconds: int, status: int) -> None:
    authority = PretendAuthority(alice())
    authority.clock.advance(timedelta(seconds=seconds))

    answer = await get(authority, "/danger")

    assert answer.status_code == status
    if status == 401:
        challenge = answer.headers["www-authenticate"]
        assert challenge == 'Bearer error="insufficient_user_authentication", max_age="300"'


async def test_a_sign_in_that_nobody_proved_is_never_recent() -> None:
    authority = PretendAuthority(replace(alice(), authenticated_at=None))

    answer = await get(authority, "/danger")

    assert answer.status_code == 401
    assert answer.json()["data"]["reason"] == "signed_in_too_long_ago"


async def test_a_websocket_of_nobody_is_closed_by_its_dependency_too() -> None:
    app = service(PretendAuthority(), public=["/live"])

    closed = await call(app, websocket_scope("/live", query_string=b"", extensions={}))
    answered = await call(
        app, websocket_scope("/live", query_string=b"", extensions={"websocket.http.response": {}})
    )

    assert closed.messages[0]["type"] == "websocket.close"
    assert answered.status == 401


async def test_the_authority_lives_with_the_applications_own_lifespan() -> None:
    life, authority = list[str](), PretendAuthority()

    @asynccontextmanager
    async def own(_: FastAPI) -> AsyncGenerator[None]:
        life.extend(authority.life)
        yield
        life.append("own end")

    app = FastAPI(lifespan=own)
    protect(app, authority)
    coming = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(coming)}

    async def send(message: Any) -> None:
        life.append(message["type"])

    await app({"type": "lifespan", "state": {}}, receive, send)

    assert life == ["started", "lifespan.startup.complete", "own end", "lifespan.shutdown.complete"]
    assert authority.life[-1] == "closed"


async def test_a_mounted_application_answers_with_refusals_too() -> None:
    inner = FastAPI()
    answer_refusals(inner)

    @inner.get("/admin", dependencies=[require_roles("admin")])
    async def admin() -> str:
        return "admin"

    outer = FastAPI()
    protect(outer, PretendAuthority(alice()))
    outer.mount("/inner", inner)
    assert callable(admin)

    async with browser(outer) as http:
        answer = await http.get("/inner/admin")

    assert (answer.status_code, answer.json()["data"]["reason"]) == (403, "role_missing")


def test_the_document_shows_what_a_route_needs() -> None:
    document = service(PretendAuthority()).openapi()

    schemes = document["components"]["securitySchemes"]
    assert schemes["netscript-bearer"]["scheme"] == "bearer"
    assert (schemes["netscript-session"]["in"], schemes["netscript-session"]["name"]) == (
        "cookie",
        "__Host-netscript-session",
    )
    assert document["paths"]["/me"]["get"]["security"] == [
        {"netscript-session": []},
        {"netscript-bearer": []},
    ]
    wanted = ["orders:read", "orders:write"]
    assert {"netscript-bearer": wanted} in document["paths"]["/orders"]["get"]["security"]


@pytest.mark.parametrize(
    "declare",
    [
        lambda: require_scopes(),
        lambda: require_scopes('a"b'),
        lambda: require_scopes("a b"),
        lambda: require_roles(),
        lambda: require_roles(""),
        lambda: require_recent(timedelta(0)),
    ],
)
def test_a_requirement_that_requires_nothing_is_refused_at_the_start(declare: Any) -> None:
    with pytest.raises(ValueError, match=r"at least|role"):
        declare()


def test_without_a_configuration_nothing_starts() -> None:
    with pytest.raises(ConfigurationError, match="NETSCRIPT_CALLERS_AUTH_URL"):
        protect(FastAPI())


async def test_without_protection_no_route_answers() -> None:
    app = FastAPI()

    @app.get("/me")
    async def me(principal: CurrentPrincipal) -> str:
        return principal.user_id

    assert callable(me)
    async with browser(app) as http:
        with pytest.raises(LookupError, match="AuthMiddleware is not in front"):
            await http.get("/me")
