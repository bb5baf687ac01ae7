"""Checked by mypy and pyright, never run: what the type checkers see of who calls.

Each ignored error is one that must be found: an ignore without an error is an error itself.
"""

from datetime import timedelta
from typing import Annotated, assert_type

from fastapi import FastAPI
from starlette.applications import Starlette

from netscript_auth_client import (
    AskAuthority,
    AuthMiddleware,
    Authority,
    Caller,
    LocalAuthority,
    Principal,
    caller_of,
    find_caller,
    principal_of,
)
from netscript_auth_client.asgi import Scope
from netscript_auth_client.fastapi import (
    CurrentCaller,
    CurrentPrincipal,
    OptionalPrincipal,
    protect,
    require_recent,
    require_roles,
    require_scopes,
)


async def a_route(
    principal: CurrentPrincipal,
    maybe: OptionalPrincipal,
    caller: CurrentCaller,
    clerk: Annotated[Principal, require_scopes("orders:read")],
) -> None:
    assert_type(principal, Principal)
    assert_type(maybe, Principal | None)
    assert_type(caller, Caller)
    assert_type(clerk, Principal)

    maybe.user_id  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess, reportUnusedExpression]  # noqa: B018


async def plain(scope: Scope) -> None:
    assert_type(principal_of(scope), Principal | None)
    assert_type(caller_of(scope), Caller | None)
    assert_type(await find_caller(scope), Caller | None)


def both_modes_are_authorities() -> None:
    ask: Authority = AskAuthority("http://127.0.0.1:8094")
    local: Authority = LocalAuthority("http://127.0.0.1:8094", audience="orders", feed_secret="x")

    app = FastAPI(dependencies=[require_roles("admin"), require_recent(timedelta(minutes=5))])
    protect(app, ask, public=["/health"])
    Starlette().add_middleware(AuthMiddleware, local, public=["/health"])

    LocalAuthority("http://127.0.0.1:8094")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    require_recent(300)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    require_roles(["admin"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    protect(app, "http://127.0.0.1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
