"""A contract is data on its class and a client on its instances."""

from typing import Any, cast

import pytest
from pydantic import ValidationError

from netscript_kernel.contracts import (
    FORBIDDEN,
    NOT_FOUND,
    AnyOperation,
    Contract,
    InputModel,
    Nothing,
    Redirect,
    WireModel,
    delete,
    get,
    operation,
    post,
)


class Find(InputModel):
    user_id: str
    with_history: bool = False


class User(WireModel):
    user_id: str
    full_name: str | None = None


class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users/"):
    find = get("/{user_id}").input(Find).output(User).problems(NOT_FOUND).describe("One user.")
    add = post("/").input(User).output(User, status=201)
    drop = delete("/{user_id}").input(Find)
    away = get("/away").redirects()
    raw = post("/raw").raw().problems(NOT_FOUND).problems(FORBIDDEN)


class Recorder:
    """A caller that remembers what it was asked to call."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[str, Any]] = []

    async def call(self, operation: Any, value: Any) -> Any:
        self.calls.append((cast("AnyOperation", operation).name, value))
        return self.answer


def test_the_class_is_the_contract() -> None:
    assert (UsersV1.contract_name, UsersV1.version, UsersV1.prefix) == ("users", "v1", "/api/v1/users")
    assert list(UsersV1.operations) == ["find", "add", "drop", "away", "raw"]


def test_an_operation_holds_what_was_said_of_it() -> None:
    find = UsersV1.find

    assert (find.name, find.method, find.path, find.path_fields) == (
        "find",
        "GET",
        "/{user_id}",
        ("user_id",),
    )
    assert (find.input_model, find.output_model, find.status) == (Find, User, 200)
    assert (find.problem_specs, find.summary, find.is_raw) == ((NOT_FOUND,), "One user.", False)


def test_the_other_forms_of_operations() -> None:
    assert (UsersV1.add.status, UsersV1.drop.output_model) == (201, Nothing)
    assert (UsersV1.away.output_model, UsersV1.away.status) == (Redirect, 302)
    assert (UsersV1.raw.is_raw, UsersV1.raw.problem_specs) == (True, (NOT_FOUND, FORBIDDEN))


def test_building_on_an_operation_leaves_it_as_it_was() -> None:
    plain = get("/x")

    plain.output(User).problems(NOT_FOUND).raw().describe("x")

    assert plain == get("/x")


async def test_an_instance_is_a_client_whose_calls_carry_the_validated_input() -> None:
    caller = Recorder(User(user_id="u1"))

    user = await UsersV1(caller).find(user_id="u1", with_history=True)

    assert user == User(user_id="u1")
    assert caller.calls == [("find", Find(user_id="u1", with_history=True))]


async def test_a_bad_input_is_refused_before_anything_is_called() -> None:
    caller = Recorder(None)

    with pytest.raises(ValidationError):
        await UsersV1(caller).find(user_id=cast("str", 3))

    assert caller.calls == []


def test_two_operations_on_one_place_are_refused() -> None:
    def twice() -> type[Contract]:
        class TwiceV1(Contract, name="twice", version="v1", prefix="/"):
            first = get("/x")
            second = get("/x")

        return TwiceV1

    with pytest.raises(TypeError, match="first and second are both GET /x"):
        twice()


def test_an_operation_that_is_named_in_two_contracts_is_each_ones_own() -> None:
    shared = get("/shared")

    class OneV1(Contract, name="one", version="v1", prefix="/one"):
        find = shared

    class OtherV1(Contract, name="other", version="v1", prefix="/other"):
        seek = OneV1.find

    assert OtherV1.seek is OtherV1.operations["seek"]
    assert OtherV1.seek is not OneV1.find
    assert (OneV1.find.name, OtherV1.seek.name, OtherV1.seek.path) == ("find", "seek", "/shared")


def test_one_path_may_have_two_methods() -> None:
    class BothV1(Contract, name="both", version="v1", prefix="/"):
        read = get("/x")
        write = post("/x")

    assert len(BothV1.operations) == 2


def test_a_path_field_that_the_input_has_not_is_refused() -> None:
    def lost() -> type[Contract]:
        class LostV1(Contract, name="lost", version="v1", prefix="/"):
            find = get("/{nobody}").input(Find)

        return LostV1

    with pytest.raises(TypeError, match=r"LostV1\.find: path fields \['nobody'\] are not in the input"):
        lost()


@pytest.mark.parametrize(
    ("version", "prefix", "told"),
    [
        ("v1", "x", "the prefix of a contract begins with a slash: 'x'. Fix: write '/x'"),
        ("2", "/x", "the version of a contract is v1, v2 and so on: '2'"),
        ("v0", "/x", "the version of a contract is v1, v2 and so on: 'v0'"),
    ],
)
def test_a_prefix_or_version_of_another_form_is_refused(version: str, prefix: str, told: str) -> None:
    with pytest.raises(TypeError) as refused:
        type("FormsV1", (Contract,), {"find": get("/y")}, name="forms", version=version, prefix=prefix)

    assert str(refused.value) == f"FormsV1: {told}"


def test_a_path_begins_with_a_slash() -> None:
    with pytest.raises(ValueError, match="begins with a slash"):
        operation("GET", "x")


def test_the_input_is_a_model_class() -> None:
    with pytest.raises(TypeError, match="Pydantic model class"):
        get("/x").input(lambda: Find(user_id="x"))


def test_wire_names_are_camel_case_both_ways_and_none_is_left_out() -> None:
    user = User.model_validate({"userId": "u1"})

    assert user.to_wire() == b'{"userId":"u1"}'
    assert User(user_id="u1") == user


def test_wire_models_are_immutable() -> None:
    user = User(user_id="u1")

    with pytest.raises(ValidationError):
        user.user_id = "u2"


def test_an_input_refuses_fields_that_nobody_reads_and_an_output_ignores_them() -> None:
    with pytest.raises(ValidationError):
        Find.model_validate({"userId": "u1", "admin": True})

    assert User.model_validate({"userId": "u1", "later": 1}) == User(user_id="u1")
