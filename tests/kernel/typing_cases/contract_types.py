"""Checked by mypy and pyright, never run: what the type checkers see of contracts, handlers and clients.

Each ignored error is one that must be found: an ignore without an error is an error itself.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import assert_type

from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.client import connect, connected
from netscript_kernel.contracts import Contract, Nothing, Operation, Redirect, WireModel, get, post
from netscript_kernel.service.implementation import implement


class Find(WireModel):
    user_id: str
    limit: int = 10


class User(WireModel):
    user_id: str


class UsersV1(Contract, name="users", version="v1", prefix="/users"):
    find = get("/{user_id}").input(Find).output(User)
    ping = post("/ping")
    away = get("/away").redirects()
    raw = post("/raw").input(Find).output(User).raw()


async def a_client_has_exact_types() -> None:
    users = connect(UsersV1, "https://users.acme.example", retries=1)

    assert_type(users, UsersV1)
    assert_type(await users.find(user_id="u1"), User)
    assert_type(await users.find(user_id="u1", limit=3), User)
    assert_type(await users.ping(), Nothing)
    assert_type(await users.away(), Redirect)

    users.find()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    users.find(user_id=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.find(user_id="u1", other=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    users.ping(user_id="u1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    connect(UsersV1, "https://x", retry=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def a_connected_client_has_exact_types() -> AsyncGenerator[User]:
    async with connected(UsersV1, "https://users.acme.example") as users:
        assert_type(users, UsersV1)
        yield await users.find(user_id="u1")


def the_class_holds_data() -> None:
    assert_type(UsersV1.ping, Operation[[], Nothing, Nothing])
    assert_type(UsersV1.find.output_model, type[User])


def handlers_are_checked() -> None:
    users = implement(UsersV1)

    @users.handles(UsersV1.find)
    async def find(value: Find, request: Request) -> User:
        return User(user_id=value.user_id)

    @users.handles(UsersV1.raw)
    async def raw(request: Request) -> User | Response:
        return Response()

    assert_type(find, Callable[[Find, Request], Awaitable[User | Response]])
    assert_type(raw, Callable[[Request], Awaitable[User | Response]])

    async def wrong_output(value: Find, request: Request) -> Find:
        return value

    async def wrong_input(value: User, request: Request) -> User:
        return value

    bind = users.handles(UsersV1.find)
    bind(wrong_output)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    bind(wrong_input)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
