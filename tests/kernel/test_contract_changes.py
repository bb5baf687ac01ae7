"""Changes of a contract, each named and judged: who sends must be understood, who reads must understand."""

import json
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from netscript_kernel.contract_changes import (
    Change,
    ContractSnapshot,
    NoSnapshotError,
    compare_contracts,
    read_snapshot,
    snapshot_of,
)
from netscript_kernel.contracts import (
    FORM,
    JSON,
    NOT_FOUND,
    AnyOperation,
    Contract,
    InputModel,
    Nothing,
    ProblemSpec,
    Redirect,
    WireModel,
    delete,
    get,
    post,
)
from netscript_kernel.pagination import OffsetPage, OffsetQuery
from tests.kernel.sample_service import NotesV1


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Fewer(StrEnum):
    RED = "red"


class Tree(WireModel):
    name: str
    branches: tuple["Tree", ...] = ()


class TallTree(WireModel):
    name: str
    height: int
    branches: tuple["TallTree", ...] = ()


class Node(InputModel):
    id: str
    below: "Node | None" = None


class Knot(InputModel):
    key: str
    below: "Knot | None" = None


class NumberedNode(InputModel):
    id: int
    below: "NumberedNode | None" = None


class Item(WireModel):
    item_id: str


class ItemById(WireModel):
    id: str


class ItemByKey(WireModel):
    key: str


def contract(**operations: AnyOperation) -> ContractSnapshot:
    """A contract of these operations."""
    made = type("MadeV1", (Contract,), dict(operations), name="made", version="v1", prefix="/api/v1/made")
    assert issubclass(made, Contract)
    return snapshot_of(made)


def model(base: type[BaseModel] = InputModel, /, **fields: Any) -> Any:
    given: dict[str, Any] = {
        name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()
    }
    return create_model("Made", __base__=base, **given)


def changes(old: ContractSnapshot, new: ContractSnapshot) -> list[tuple[str, str, bool]]:
    found: Sequence[Change] = compare_contracts(old, new)
    return [(change.place, change.kind.value, change.is_breaking) for change in found]


def of_input(old: Any, new: Any) -> list[tuple[str, str, bool]]:
    return changes(contract(op=post("/").input(old)), contract(op=post("/").input(new)))


def of_output(old: Any, new: Any) -> list[tuple[str, str, bool]]:
    return changes(contract(op=get("/").output(old)), contract(op=get("/").output(new)))


def of_field(old: Any, new: Any) -> dict[str, list[tuple[str, bool]]]:
    """What the change of a field's type is, where it is sent and where it is read."""
    sent = of_input(model(value=old), model(value=new))
    read = of_output(model(WireModel, value=old), model(WireModel, value=new))
    return {
        "sent": [(kind, breaks) for _, kind, breaks in sent],
        "read": [(kind, breaks) for _, kind, breaks in read],
    }


# Operations


def test_a_contract_against_itself_has_no_changes() -> None:
    assert changes(snapshot_of(NotesV1), snapshot_of(NotesV1)) == []


def test_a_contract_comes_back_from_its_json_as_it_was() -> None:
    snapshot = snapshot_of(NotesV1)

    read = ContractSnapshot.model_validate_json(snapshot.to_wire())

    assert changes(snapshot, read) == changes(read, snapshot) == []
    assert read == snapshot


@pytest.mark.parametrize(
    ("old", "new", "kind", "breaks"),
    [
        ({"op": get("/")}, {}, "operation_removed", True),
        ({}, {"op": get("/")}, "operation_added", False),
        ({"op": get("/")}, {"op": post("/")}, "method_changed", True),
        ({"op": get("/a")}, {"op": get("/b")}, "path_changed", True),
        ({"op": post("/")}, {"op": post("/").output(Nothing, status=204)}, "status_changed", True),
        ({"op": get("/")}, {"op": get("/").problems(NOT_FOUND)}, "problem_added", False),
        ({"op": get("/").problems(NOT_FOUND)}, {"op": get("/")}, "problem_removed", False),
        ({"op": get("/")}, {"op": get("/").streams("text/event-stream")}, "answer_changed", True),
        ({"op": post("/").raw(JSON, FORM)}, {"op": post("/").raw(JSON)}, "media_type_removed", True),
        ({"op": post("/").raw(JSON)}, {"op": post("/").raw(JSON, FORM)}, "media_type_added", False),
    ],
)
def test_a_change_of_an_operation_is_named_and_judged(
    old: dict[str, AnyOperation], new: dict[str, AnyOperation], kind: str, breaks: bool
) -> None:
    assert changes(contract(**old), contract(**new)) == [("op", kind, breaks)]


def test_an_answer_that_becomes_a_redirect_breaks_who_read_it() -> None:
    found = changes(contract(op=get("/").output(Item)), contract(op=get("/").output(Redirect, status=200)))

    assert ("op", "answer_changed", True) in found


def test_a_code_that_comes_with_another_status_breaks_who_waited_for_it() -> None:
    old, new = (ProblemSpec("LOCKED", status, "Somebody writes") for status in (409, 423))

    assert changes(contract(op=get("/").problems(old)), contract(op=get("/").problems(new))) == [
        ("op", "problem_status_changed", True)
    ]


def test_the_name_of_a_field_of_the_path_is_nobodys_business() -> None:
    old = contract(op=delete("/{id}").input(ItemById))
    new = contract(op=delete("/{key}").input(ItemByKey))

    assert changes(old, new) == []


def nested(depth: int, last: str, union: str) -> ContractSnapshot:
    definitions: dict[str, Any] = {f"D{depth}": {"type": last}}
    for each in range(depth):
        twice = [{"$ref": f"#/$defs/D{each + 1}"}] * 2
        below = {union: twice} if union else {"prefixItems": twice}
        is_odd = each % 2 and union
        definitions[f"D{each}"] = {"type": "object", "properties": {"a": below}} if is_odd else below
        if not union:
            definitions[f"D{each}"]["type"] = "array"
    schema = {"$ref": "#/$defs/D0", "$defs": definitions}
    (operation,) = contract(op=post("/")).operations
    changed = operation.model_copy(update={"input": schema})
    return contract(op=post("/")).model_copy(update={"operations": (changed,)})


@pytest.mark.parametrize("union", ["anyOf", "oneOf", ""])
def test_schemas_that_name_each_other_many_times_are_judged_in_time(union: str) -> None:
    found = changes(nested(60, "string", union), nested(60, "integer", union))

    assert any(breaks for _, _, breaks in found)
    assert len(found) < 20_001


@pytest.mark.parametrize(
    "odd",
    [
        {"properties": 5},
        {"required": 5},
        {"$defs": []},
        {"anyOf": {}},
        {"items": 5},
        {"properties": {"a": 5}},
        {"maximum": "10"},
        {"minimum": True},
        {"minimum": None},
        {"exclusiveMinimum": math.nan},
        {"multipleOf": "1"},
        {"maxLength": -1},
        {"minItems": 1.5},
        {"uniqueItems": 1},
        {"pattern": 5},
        {"type": ["string", 5]},
        {"$ref": 5},
    ],
)
def test_a_snapshot_with_a_schema_that_is_none_is_refused_at_its_place(odd: dict[str, Any]) -> None:
    document = contract(op=post("/")).model_dump(mode="json", by_alias=True)
    document["operations"][0]["input"] = {"properties": {"limit": {"anyOf": [{}, odd]}}}

    with pytest.raises(NoSnapshotError) as refused:
        read_snapshot(json.dumps(document).encode())

    assert refused.value.place.startswith("operations[0].input.properties.limit.anyOf[1].")


def test_a_snapshot_with_two_operations_of_one_name_is_refused() -> None:
    document = contract(op=post("/")).model_dump(mode="json", by_alias=True)
    document["operations"] *= 2

    with pytest.raises(NoSnapshotError, match="by its operations"):
        read_snapshot(json.dumps(document).encode())


@pytest.mark.parametrize(("default", "breaks"), [(..., True), ("", False)])
def test_a_new_field_that_is_called_as_one_of_the_path_was_is_told(default: Any, breaks: bool) -> None:
    old = contract(op=get("/x/{id}").input(model(id=str)))
    new = contract(op=get("/x/{uid}").input(model(uid=str, id=(str, default))))

    assert changes(old, new) == [("op: input.id", "field_added", breaks)]


def test_a_field_of_the_path_that_becomes_another_kind_of_value_is_told_by_its_old_name() -> None:
    old = contract(op=get("/x/{id}").input(model(id=str)))
    new = contract(op=get("/x/{key}").input(model(key=int)))

    assert changes(old, new) == [("op: input.id", "type_changed", True)]


def test_fields_of_the_path_that_change_places_break_who_fills_them_in() -> None:
    fields = model(src=str, dst=str)
    old = contract(op=post("/move/{src}/{dst}").input(fields))
    new = contract(op=post("/move/{dst}/{src}").input(fields))

    assert changes(old, old) == []
    assert changes(old, new) == [
        ("op: input.src", "path_changed", True),
        ("op: input.dst", "path_changed", True),
    ]


def test_a_field_of_the_path_is_told_where_the_input_is_within_itself_too() -> None:
    old, new = contract(op=post("/x/{id}").input(Node)), contract(op=post("/x/{id}").input(NumberedNode))
    renamed = contract(op=post("/x/{key}").input(Knot))

    assert changes(old, renamed) == [
        ("op: input.below.id", "field_removed", True),
        ("op: input.below.key", "field_added", True),
    ]
    assert changes(old, new) == [
        ("op: input.id", "type_changed", True),
        ("op: input.below.id", "type_changed", True),
    ]


def test_fields_of_the_path_that_have_each_others_names_on_the_wire_keep_their_places() -> None:
    fields = create_model("Made", __base__=InputModel, a=(str, Field(alias="b")), b=(str, Field(alias="a")))

    (operation,) = contract(op=get("/{a}/{b}").input(fields)).operations

    assert operation.path == "/api/v1/made/{b}/{a}"


@pytest.mark.parametrize(("old", "new"), [(1, 2), (None, 1), ("a", "b"), ([], ["a"])])
def test_another_default_breaks_who_leaves_a_field_out(old: Any, new: Any) -> None:
    one, other = model(a=(Any, old)), model(a=(Any, new))
    within = [model(b=(each, each())) for each in (one, other)]

    assert of_input(one, one) == []
    assert of_input(one, other) == [("op: input.a", "default_changed", True)]
    assert ("op: input.b.a", "default_changed", True) in of_input(*within)
    assert of_output(one, other) == []


def test_a_new_version_is_told_and_breaks_nothing_by_itself() -> None:
    class NotesV2(NotesV1, name="notes", version="v2", prefix="/api/v1/notes"):
        pass

    assert changes(snapshot_of(NotesV1), snapshot_of(NotesV2)) == [("notes", "version_changed", False)]


def test_operations_that_moved_together_are_told_once_and_break_callers_of_the_same_version() -> None:
    class MovedV1(NotesV1, name="notes", version="v1", prefix="/notes"):
        pass

    class NotesV2(NotesV1, name="notes", version="v2", prefix="/api/v2/notes"):
        pass

    assert changes(snapshot_of(NotesV1), snapshot_of(MovedV1)) == [("notes", "prefix_changed", True)]
    assert changes(snapshot_of(NotesV1), snapshot_of(NotesV2)) == [
        ("notes", "version_changed", False),
        ("notes", "prefix_changed", False),
    ]


# Fields


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (model(), model(a=str), ("field_added", True)),
        (model(), model(a=(str, "")), ("field_added", False)),
        (model(a=str), model(), ("field_removed", True)),
        (model(a=(str, "")), model(), ("field_removed", True)),
        (model(a=(str, "")), model(a=str), ("field_required", True)),
        (model(a=str), model(a=(str, "")), ("field_optional", False)),
    ],
)
def test_a_change_of_fields_that_are_sent_is_judged_by_who_sends(
    old: Any, new: Any, found: tuple[str, bool]
) -> None:
    assert of_input(old, new) == [("op: input.a", *found)]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (model(WireModel), model(WireModel, a=str), ("field_added", False)),
        (model(WireModel, a=str), model(WireModel), ("field_removed", True)),
        (model(WireModel, a=(str | None, None)), model(WireModel), ("field_removed", True)),
        (model(WireModel, a=str), model(WireModel, a=(str | None, None)), ("field_optional", True)),
        (model(WireModel, a=(str | None, None)), model(WireModel, a=str), ("field_required", False)),
    ],
)
def test_a_change_of_fields_that_are_read_is_judged_by_who_reads(
    old: Any, new: Any, found: tuple[str, bool]
) -> None:
    assert of_output(old, new) == [("op: output.a", *found)]


def test_a_default_makes_no_difference_to_who_reads() -> None:
    assert of_output(model(WireModel, a=str), model(WireModel, a=(str, ""))) == []


SENT_BREAKS = {"sent": True, "read": False}
READ_BREAKS = {"sent": False, "read": True}
BOTH_BREAK = {"sent": True, "read": True}


@pytest.mark.parametrize(
    ("old", "new", "kind", "breaks"),
    [
        (Colour, Fewer, "value_removed", SENT_BREAKS),
        (Fewer, Colour, "value_added", READ_BREAKS),
        (Literal["a"], Literal["a", "b"], "value_added", READ_BREAKS),
        (str, Literal["a", "b"], "narrowed", SENT_BREAKS),
        (Literal["a", "b"], str, "widened", READ_BREAKS),
        (int, str, "type_changed", BOTH_BREAK),
        (int, float, "widened", READ_BREAKS),
        (float, int, "narrowed", SENT_BREAKS),
        (str, Any, "widened", READ_BREAKS),
        (Any, str, "narrowed", SENT_BREAKS),
        (str, str | int, "widened", READ_BREAKS),
        (str | int, str, "narrowed", SENT_BREAKS),
        (str, Annotated[str, Field(max_length=3)], "narrowed", SENT_BREAKS),
        (Annotated[str, Field(max_length=3)], Annotated[str, Field(max_length=5)], "widened", READ_BREAKS),
        (Annotated[int, Field(ge=1)], Annotated[int, Field(ge=0)], "widened", READ_BREAKS),
        (Annotated[int, Field(ge=1)], Annotated[int, Field(ge=2)], "narrowed", SENT_BREAKS),
        (str, Annotated[str, Field(pattern="a")], "narrowed", SENT_BREAKS),
        (Annotated[str, Field(pattern="a")], Annotated[str, Field(pattern="b")], "type_changed", BOTH_BREAK),
        (tuple[str, ...], tuple[int, ...], "type_changed", BOTH_BREAK),
        (tuple[str, str], tuple[str, str, str], "type_changed", BOTH_BREAK),
        (dict[str, int], dict[str, str], "type_changed", BOTH_BREAK),
        (dict[str, int], dict[str, float], "widened", READ_BREAKS),
        (set[int], tuple[int, ...], "widened", READ_BREAKS),
    ],
)
def test_a_change_of_a_type_breaks_who_sends_or_who_reads(
    old: Any, new: Any, kind: str, breaks: dict[str, bool]
) -> None:
    found = of_field(old, new)

    for side in ("sent", "read"):
        assert kind in {each for each, _ in found[side]}, side
        assert any(is_breaking for _, is_breaking in found[side]) == breaks[side], side


def test_null_that_may_be_sent_no_more_breaks_who_sends_it() -> None:
    assert of_input(model(a=(str | None, None)), model(a=(str, ""))) == [
        ("op: input.a", "default_changed", True),
        ("op: input.a", "narrowed", True),
    ]


def test_a_change_deep_within_is_told_by_its_place() -> None:
    old = contract(list=get("/").input(OffsetQuery).output(OffsetPage[Item]))
    new = contract(list=get("/").input(OffsetQuery).output(OffsetPage[ItemById]))

    assert changes(old, new) == [
        ("list: output.items[].itemId", "field_removed", True),
        ("list: output.items[].id", "field_added", False),
    ]


def test_a_model_within_itself_is_compared_once() -> None:
    assert of_output(Tree, Tree) == []
    assert of_output(Tree, TallTree) == [("op: output.height", "field_added", False)]
    assert of_output(TallTree, Tree)[0][1:] == ("field_removed", True)


def test_the_breaking_ones_come_first() -> None:
    old, new = contract(a=get("/a")), contract(b=get("/b"))

    assert [each[2] for each in changes(old, new)] == [True, False]


def test_a_definition_that_changed_behind_the_same_words_is_seen() -> None:
    items: tuple[Any, Any] = (dict[str, Item], dict[str, ItemById])
    old, new = (contract(op=get("/").output(model(WireModel, by_name=each))) for each in items)
    for snapshot in (old, new):  # two models that happen to be called the same
        definitions = snapshot.operations[0].output["$defs"]
        definitions["Same"] = definitions.pop(next(iter(definitions)))
        snapshot.operations[0].output["properties"]["byName"]["additionalProperties"]["$ref"] = "#/$defs/Same"

    assert ("op: output.byName.*.itemId", "field_removed", True) in changes(old, new)


@pytest.mark.parametrize(
    "odd",
    [
        {"$ref": "#/$defs/Nowhere"},
        {"$ref": "#/$defs/Nowhere", "maxLength": 3},
        {"not": {}},
        {"not": {"properties": 5}},
        {"allOf": [{"$ref": 5}]},
        {"dependentSchemas": {"title": {"type": "string"}}},
        {"type": "string", "odd": 1},
    ],
)
def test_what_cannot_be_judged_breaks_where_it_changed_and_only_there(odd: dict[str, Any]) -> None:
    plain = contract(op=get("/").output(Item))
    strange = ContractSnapshot.model_validate_json(plain.to_wire())
    strange.operations[0].output["properties"]["itemId"] = odd

    assert changes(strange, strange) == []
    assert changes(plain, strange)[0][2]
    assert changes(strange, plain)[0][2]
