"""What the comparison of contracts promises, held against models that really read documents.

A universe that is small enough to be tried out completely: two fields, some types, and every document of
them. A change that is called harmless has to be harmless for each.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Final, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, create_model

from netscript_kernel.contract_changes import ContractSnapshot, compare_contracts, snapshot_of
from netscript_kernel.contracts import (
    FORBIDDEN,
    NOT_FOUND,
    AnyOperation,
    Contract,
    InputModel,
    WireModel,
    delete,
    get,
    post,
)

NAMES: Final = ("a", "b")
MISSING: Final = object()
VALUES: Final[tuple[Any, ...]] = (
    MISSING,
    None,
    0,
    3,
    "",
    "x",
    "y",
    "xyz",
    True,
    1.5,
    ["x"],
    [3],
    {"c": "x"},
    {},
)


class Inner(WireModel):
    c: str


class InnerMaybe(WireModel):
    c: str | None = None


TYPES: Final[tuple[Any, ...]] = (
    str,
    int,
    float,
    bool,
    Literal["x"],
    Literal["x", "y"],
    Literal["x", 3],
    Annotated[str, Field(max_length=2)],
    Annotated[str, Field(min_length=1)],
    Annotated[int, Field(ge=1)],
    tuple[str, ...],
    tuple[int, ...],
    str | int,
    Inner,
    InnerMaybe,
    Inner | str,
    Any,
)


@dataclass(frozen=True)
class Shape:
    """What one field is."""

    type: Any
    is_nullable: bool
    is_required: bool

    def field(self) -> tuple[Any, Any]:
        # A default says only that the field may be left out; what it is, no schema says.
        annotation = self.type | None if self.is_nullable and self.type is not Any else self.type
        return annotation, ... if self.is_required else Field(default=None, validate_default=False)


SHAPES = st.builds(Shape, st.sampled_from(TYPES), st.booleans(), st.booleans())
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, SHAPES))
# An answer leaves out what is null: who reads it has to have a default there, whatever changes.
READ_SHAPES = SHAPES.filter(lambda shape: not (shape.is_nullable and shape.is_required))
READ_FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, READ_SHAPES))
Fields = dict[str, Shape]


def made(fields: Fields, base: type[BaseModel]) -> type[BaseModel]:
    given: dict[str, Any] = {name: each.field() for name, each in fields.items()}
    return create_model("Made", __base__=base, **given)


def breaks(old: AnyOperation, new: AnyOperation) -> bool:
    return any(each.is_breaking for each in compare_contracts(contract(op=old), contract(op=new)))


def contract(**operations: AnyOperation) -> ContractSnapshot:
    kind = type("MadeV1", (Contract,), dict(operations), name="made", version="v1", prefix="/made")
    assert issubclass(kind, Contract)
    return snapshot_of(kind)


def documents() -> Iterator[dict[str, Any]]:
    for values in product(VALUES, repeat=len(NAMES)):
        yield {name: value for name, value in zip(NAMES, values, strict=True) if value is not MISSING}


DOCUMENTS: Final = [(document, json.dumps(document)) for document in documents()]


def readable(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """All documents that a model reads, by their text."""
    return {text: document for document, text in DOCUMENTS if reads(model, text)}


def reads(model: type[BaseModel], text: str) -> bool:
    try:
        model.model_validate_json(text, strict=True)
    except ValidationError:
        return False
    return True


@given(FIELDS, FIELDS)
def test_what_could_be_sent_can_be_sent_after_every_change_that_is_called_harmless(
    before: Fields, after: Fields
) -> None:
    old, new = made(before, InputModel), made(after, InputModel)

    if not breaks(post("/").input(old), post("/").input(new)):
        assert [each for each in readable(old) if not reads(new, each)] == []


@given(READ_FIELDS, READ_FIELDS)
def test_what_is_answered_can_be_read_after_every_change_that_is_called_harmless(
    before: Fields, after: Fields
) -> None:
    old, new = made(before, WireModel), made(after, WireModel)

    if not breaks(get("/").output(old), get("/").output(new)):
        answers = [text for text, each in readable(new).items() if may_be_answered(after, each)]
        assert [each for each in answers if not reads(old, each)] == []


def may_be_answered(fields: Fields, document: dict[str, Any]) -> bool:
    """Whether an operation answers so: it leaves out what is ``None``, and nothing else."""
    complete = {name for name, each in fields.items() if not each.is_nullable}
    return complete <= document.keys() and None not in document.values()


@given(FIELDS)
def test_a_model_against_itself_has_no_changes(fields: Fields) -> None:
    sent, read = made(fields, InputModel), made(fields, WireModel)
    both = contract(op=post("/").input(sent).output(read))

    assert compare_contracts(both, both) == ()


@given(FIELDS, st.sampled_from(NAMES), SHAPES)
def test_a_field_that_is_taken_away_breaks_who_sent_and_who_read_it(
    fields: Fields, name: str, shape: Shape
) -> None:
    more, fewer = {**fields, name: shape}, {each: kind for each, kind in fields.items() if each != name}

    assert breaks(post("/").input(made(more, InputModel)), post("/").input(made(fewer, InputModel)))
    assert breaks(get("/").output(made(more, WireModel)), get("/").output(made(fewer, WireModel)))


OPERATIONS: Final[dict[str, AnyOperation]] = {
    "find": get("/find").output(Inner).problems(NOT_FOUND),
    "add": post("/").input(Inner).output(Inner, status=201).problems(FORBIDDEN),
    "drop": delete("/drop"),
    "away": get("/away").redirects(),
}


@given(st.sets(st.sampled_from(sorted(OPERATIONS))), st.sets(st.sampled_from(sorted(OPERATIONS))))
def test_operations_break_by_going_and_never_by_coming(before: set[str], after: set[str]) -> None:
    old, new = (contract(**{name: OPERATIONS[name] for name in each}) for each in (before, after))

    found = compare_contracts(old, new)

    assert {each.place for each in found if each.is_breaking} == before - after
    assert {each.place for each in found if not each.is_breaking} == after - before
