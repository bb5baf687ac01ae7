"""Versions of a contract side by side, and contracts that claim the same."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.types import Scope

from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.client import connect
from netscript_kernel.contracts import NOT_FOUND, Contract, Nothing, WireModel, get
from netscript_kernel.plugin_contract import Description, PluginContract, describes_itself
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.descriptions import bind_descriptions
from netscript_kernel.service.hot import HotAnswer
from netscript_kernel.service.implementation import Implementation, implement
from tests.kernel.sample_service import HOST, INFO, SETTINGS, NotesV1, browsing, implementation


class Find(WireModel):
    user_id: str


class Person(WireModel):
    user_id: str


class PersonWithName(Person):
    name: str


class UsersV1(PluginContract, name="users", version="v1", prefix="/api/v1/users"):
    find = get("/{user_id}").input(Find).output(Person)
    ping = get("/by/ping")


class UsersV2(UsersV1, name="users", version="v2", prefix="/api/v2/users"):
    find = get("/{user_id}").input(Find).output(PersonWithName)


async def pong(value: Nothing, request: Request) -> Nothing:
    return Nothing()


def both() -> list[Implementation]:
    first, second = implement(UsersV1), implement(UsersV2)

    @first.handles(UsersV1.find)
    async def find(value: Find, request: Request) -> Person:
        return Person(user_id=value.user_id)

    @second.handles(UsersV2.find)
    async def find_with_name(value: Find, request: Request) -> PersonWithName:
        return PersonWithName(user_id=value.user_id, name="Alice")

    first.handles(UsersV1.ping)(pong)
    second.handles(UsersV2.ping)(pong)
    bind_descriptions("people", [first, second], ["find"])
    return [first, second]


async def test_two_versions_of_a_contract_are_served_and_called_side_by_side() -> None:
    async with browsing(create_service(INFO, SETTINGS, implementations=both()).app) as http:
        old, new = (connect(each, f"http://{HOST}", http=http) for each in (UsersV1, UsersV2))

        found = [await old.find(user_id="u1"), await new.find(user_id="u1")]
        pinged = await new.ping()

    assert found == [Person(user_id="u1"), PersonWithName(user_id="u1", name="Alice")]
    assert pinged == Nothing()


async def test_a_version_takes_over_what_is_the_same_and_what_is_not_has_its_own() -> None:
    first, second = both()
    newer = implement(UsersV2, over=first)
    newer.handles(UsersV2.find)(second.handlers["find"])
    bind_descriptions("people", [first, newer], [])

    async with browsing(create_service(INFO, SETTINGS, implementations=[first, newer]).app) as http:
        users = connect(UsersV2, f"http://{HOST}", http=http)
        answers = await users.ping(), await users.find(user_id="u1")

    assert answers == (Nothing(), PersonWithName(user_id="u1", name="Alice"))
    assert newer.handlers["ping"] is first.handlers["ping"]
    assert newer.handlers["describe"] is not first.handlers["describe"]


async def test_what_is_taken_over_may_be_bound_later_be_hot_and_be_replaced() -> None:
    async def hot(scope: Scope) -> HotAnswer:
        return HotAnswer(200, (), b"{}")

    first = implement(UsersV1, common_problems=[NOT_FOUND])
    newer = implement(UsersV2, common_problems=[NOT_FOUND], over=first)

    first.handles_hot(UsersV1.ping)(hot)
    taken = dict(newer.hot_handlers)
    newer.handles(UsersV2.ping)(pong)

    assert taken == {"ping": hot}
    assert (newer.handlers, newer.hot_handlers) == ({"ping": pong}, {})
    assert newer.common_problems == (NOT_FOUND,)


def test_a_version_that_lacks_handlers_says_how_it_can_have_them() -> None:
    first, _ = both()

    with pytest.raises(TypeError) as alone:
        implement(UsersV2).check_complete()
    with pytest.raises(TypeError) as over:
        implement(UsersV2, over=first).check_complete()

    assert str(alone.value) == (
        "UsersV2 has no handler for: ping, describe, find. Fix: bind one to each, such as"
        " @users_v2.handles(UsersV2.ping), or implement(UsersV2, over=...) with the implementation of UsersV1"
    )
    assert str(over.value) == (
        "UsersV2 has no handler for: describe, find. Fix: bind one to each, such as"
        " @users_v2.handles(UsersV2.describe)"
    )


def test_only_what_a_contract_builds_on_is_taken_over() -> None:
    with pytest.raises(TypeError, match=r"UsersV1 does not build on UsersV2. Fix: class UsersV1\(UsersV2, "):
        implement(UsersV1, over=implement(UsersV2))


def test_only_an_implementation_can_be_taken_over() -> None:
    with pytest.raises(TypeError, match=r"over takes an implementation.* users = implement\(UsersV1\)"):
        implement(UsersV2, over=cast("Any", UsersV1))


def test_the_operation_of_another_version_is_refused_with_the_one_that_is_meant() -> None:
    with pytest.raises(TypeError) as refused:
        implement(UsersV2).handles(UsersV1.find)

    assert str(refused.value) == "UsersV1.find is no operation of UsersV2. Fix: name UsersV2.find"


def test_two_versions_are_documented_together_and_told_apart() -> None:
    document = create_service(INFO, SETTINGS, implementations=both()).openapi()

    operations = {
        path: methods["get"]["operationId"]
        for path, methods in document["paths"].items()
        if path.endswith("{userId}")
    }

    assert operations == {
        "/api/v1/users/{userId}": "users_v1_find",
        "/api/v2/users/{userId}": "users_v2_find",
    }
    assert {"Person", "PersonWithName"} <= set(document["components"]["schemas"])


def test_a_contract_that_builds_on_another_has_operations_of_its_own() -> None:
    assert set(UsersV2.operations) == {"describe", "find", "ping"}
    assert UsersV2.operations["ping"] is UsersV2.ping
    assert UsersV2.ping is not UsersV1.ping
    assert UsersV1.operations["ping"] is UsersV1.ping


async def test_every_contract_of_a_plugin_describes_itself() -> None:
    async with browsing(create_service(INFO, SETTINGS, implementations=both()).app) as http:
        told = await connect(UsersV2, f"http://{HOST}", http=http).describe()

    assert told == Description(
        plugin_name="people",
        contract_versions=("v1", "v2"),
        route_groups=("users",),
        capabilities=("find",),
    )
    assert describes_itself(UsersV2)
    assert describes_itself(AuthV1)
    assert not describes_itself(NotesV1)


def build(*implementations: Implementation) -> Callable[[], Any]:
    return lambda: create_service(INFO, SETTINGS, implementations=implementations)


def test_two_contracts_of_one_name_and_version_are_refused_and_both_are_named() -> None:
    class OtherV1(Contract, name="users", version="v1", prefix="/api/v1/others"):
        ping = get("/")

    others = implement(OtherV1)
    others.handles(OtherV1.ping)(pong)

    with pytest.raises(TypeError) as refused:
        build(both()[0], others)()

    assert "UsersV1 and " in str(refused.value)
    assert "OtherV1 are both users v1: give one of them another version" in str(refused.value)


def test_two_contracts_on_one_method_and_path_are_refused_whatever_the_fields_are_called() -> None:
    class ById(WireModel):
        note: str

    class TakingV1(Contract, name="taking", version="v1", prefix="/api/v1"):
        take = get("/notes/{note}").input(ById)

    taking = implement(TakingV1)

    @taking.handles(TakingV1.take)
    async def take(value: ById, request: Request) -> Nothing:
        return Nothing()

    with pytest.raises(TypeError) as refused:
        build(implementation(), taking)()

    assert "NotesV1.find and " in str(refused.value)
    assert "TakingV1.take are both GET /api/v1/notes/{note}" in str(refused.value)


def test_a_contract_that_is_implemented_twice_is_refused() -> None:
    with pytest.raises(TypeError, match="NotesV1 is implemented twice"):
        build(implementation(), implementation())()


async def test_an_operation_may_be_at_the_prefix_itself_and_only_there() -> None:
    class ListV1(Contract, name="list", version="v1", prefix="/api/v1/list"):
        ping = get("")

    served = implement(ListV1)
    served.handles(ListV1.ping)(pong)
    service = create_service(INFO, SETTINGS, implementations=[served])

    async with browsing(service.app) as http:
        statuses = [(await http.get(path)).status_code for path in ("/api/v1/list", "/api/v1/list/")]
        called = await connect(ListV1, f"http://{HOST}", http=http).ping()

    assert (statuses, called) == ([200, 404], Nothing())
    assert "/api/v1/list" in service.openapi()["paths"]


def test_an_operation_without_any_path_is_refused() -> None:
    with pytest.raises(TypeError, match=r"RootV1.ping has no path below '/'. Fix: write '/'"):
        type("RootV1", (Contract,), {"ping": get("")}, name="root", version="v1", prefix="/")


def test_two_operations_of_one_contract_on_one_place_are_refused_whatever_the_fields_are_called() -> None:
    class Either(WireModel):
        one: str = ""
        other: str = ""

    def twice() -> type[Contract]:
        class TwiceV1(Contract, name="twice", version="v1", prefix="/"):
            first = get("/{one}").input(Either)
            second = get("/{other}").input(Either)

        return TwiceV1

    with pytest.raises(TypeError, match="first and second are both GET"):
        twice()
