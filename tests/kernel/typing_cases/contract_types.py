"""Checked by mypy and pyright, never run: what the type checkers see of contracts, handlers and clients.

Each ignored error is one that must be found: an ignore without an error is an error itself.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from typing import assert_type

from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.client import connect, connected
from netscript_kernel.client_group import ServiceGroup, service
from netscript_kernel.client_pages import items_by_cursor, items_by_offset
from netscript_kernel.contracts import Contract, Nothing, Operation, Redirect, WireModel, get, post
from netscript_kernel.pagination import CursorPage, CursorQuery, OffsetPage, OffsetQuery
from netscript_kernel.service.implementation import implement


class Find(WireModel):
    user_id: str
    limit: int = 10


class User(WireModel):
    user_id: str


class ListUsers(OffsetQuery):
    email: str | None = None


class UsersV1(Contract, name="users", version="v1", prefix="/users"):
    find = get("/{user_id}").input(Find).output(User)
    list = get("/").input(ListUsers).output(OffsetPage[User])
    follow = get("/follow").input(CursorQuery).output(CursorPage[User])
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


class UsersV2(UsersV1, name="users", version="v2", prefix="/v2/users"):
    more = get("/more").output(User)


class Services(ServiceGroup):
    users = service(UsersV1)
    others = service(UsersV2, name="users-next", timeout=timedelta(seconds=3))


async def a_group_has_exact_types() -> None:
    async with Services({}, retries=1) as services:
        assert_type(services, Services)
        assert_type(services.users, UsersV1)
        assert_type(services.others, UsersV2)
        assert_type(await services.users.find(user_id="u1"), User)
        assert_type(await services.others.find(user_id="u1"), User)
        assert_type(await services.others.more(), User)

        # Of these pyright says that nothing is known about them, too.
        services.orders()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        services.users.more()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        services.users.find()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    assert_type(Services.users.contract, type[UsersV1])
    service(UsersV1, retry=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    service(User)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


async def pages_have_exact_types(users: UsersV1) -> None:
    page = await users.list(limit=20, email="a@acme.example")
    assert_type(page, OffsetPage[User])
    assert_type(page.items, tuple[User, ...])
    assert_type(page.pagination.total, int)
    assert_type((await users.follow(cursor="c")).pagination.next_cursor, str | None)

    async for user in items_by_offset(lambda offset: users.list(offset=offset)):
        assert_type(user, User)
    async for user in items_by_cursor(lambda cursor: users.follow(cursor=cursor)):
        assert_type(user, User)

    users.list(limit="many")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def pages_are_made_of_the_right_items(query: ListUsers, after: CursorQuery) -> None:
    assert_type(OffsetPage[User].of([User(user_id="u1")], query, total=1), OffsetPage[User])
    CursorPage[User].of([User(user_id="u1")], after, cursor=lambda user: user.user_id)

    OffsetPage[User].of([1], query, total=1)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    OffsetPage[User].of([], after, total=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


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

    assert_type(find, Callable[[Find, Request], Awaitable[User]])
    assert_type(raw, Callable[[Request], Awaitable[User | Response]])

    @implement(UsersV2).handles(UsersV2.find)
    async def find_in_another_version(value: Find, request: Request) -> User:
        found = await find(value, request)
        assert_type(found, User)
        return found

    assert_type(find_in_another_version, Callable[[Find, Request], Awaitable[User]])

    @users.handles(UsersV1.find)
    async def sometimes(value: Find, request: Request) -> User | Response:
        return Response()

    assert_type(sometimes, Callable[[Find, Request], Awaitable[User | Response]])

    async def wrong_output(value: Find, request: Request) -> Find:
        return value

    async def wrong_input(value: User, request: Request) -> User:
        return value

    bind = users.handles(UsersV1.find)
    bind(wrong_output)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    bind(wrong_input)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
