"""Changes of unions, of models within themselves and of values: each is told as what it is."""

from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar, Union

import pytest
from pydantic import Field, create_model

from netscript_kernel.contract_changes import ContractSnapshot
from netscript_kernel.contracts import InputModel, WireModel, get, post
from tests.kernel.test_contract_changes import changes, contract, model

READ_BREAKS = {"sent": False, "read": True}
SENT_BREAKS = {"sent": True, "read": False}
NOBODY = {"sent": False, "read": False}


class Cat(WireModel):
    kind: Literal["cat"]
    lives: int


class ColouredCat(WireModel):
    kind: Literal["cat"]
    lives: int
    colour: str = ""


class Dog(WireModel):
    kind: Literal["dog"]
    name: str


class Fish(WireModel):
    kind: Literal["fish"]
    name: str


class Left(WireModel):
    right: "Right | None" = None


class Right(WireModel):
    left: Left | None = None
    number: int


class NewLeft(WireModel):
    right: "NewRight | None" = None


class NewRight(WireModel):
    left: NewLeft | None = None
    number: str


class Letters(StrEnum):
    A = "a"
    B = "b"


def one_of(*models: Any) -> Any:
    return Annotated[Union[models], Field(discriminator="kind")]  # noqa: UP007 - of models that are given


@pytest.fixture(params=["sent", "read"])
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of_field(side: str, old: Any, new: Any) -> list[tuple[str, str, bool]]:
    def made(kind: Any) -> ContractSnapshot:
        if side == "sent":
            return contract(op=post("/").input(model(it=kind)))
        return contract(op=get("/").output(model(WireModel, it=kind)))

    return [
        (place.partition("put.")[2], kind, breaks) for place, kind, breaks in changes(made(old), made(new))
    ]


@pytest.mark.parametrize("models", [(Cat, Dog, Fish), (Fish, Dog, Cat), (Dog, Fish, Cat)])
def test_a_further_alternative_is_told_by_itself_wherever_it_stands(side: str, models: Any) -> None:
    found = of_field(side, one_of(Cat, Dog), one_of(*models))

    assert found == [("it", "widened", READ_BREAKS[side])]


def test_an_alternative_that_goes_is_told_by_itself(side: str) -> None:
    found = of_field(side, one_of(Cat, Dog, Fish), one_of(Fish, Cat))

    assert found == [("it", "narrowed", SENT_BREAKS[side])]


def test_an_alternative_in_the_place_of_another_is_not_taken_for_it(side: str) -> None:
    found = of_field(side, one_of(Cat, Dog), one_of(Dog, Fish))

    assert sorted(kind for _, kind, _ in found) == ["narrowed", "widened"]


def test_an_alternative_is_known_by_its_tag_though_it_changed_and_is_called_otherwise(side: str) -> None:
    found = of_field(side, one_of(Cat, Dog), one_of(Fish, Dog, ColouredCat))

    assert sorted(found) == [("it", "widened", READ_BREAKS[side]), ("it.colour", "field_added", False)]


def test_models_that_lead_to_each_other_are_told_once_where_one_changed(side: str) -> None:
    assert of_field(side, Left, Left) == []
    assert of_field(side, Left, NewLeft) == [("it.right.number", "type_changed", True)]


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        (Letters, Literal["a", "b"], None),
        (Literal["a"], Literal["a", None], READ_BREAKS),
        (Literal["a", 3], str | int, READ_BREAKS),
        (str | int, Literal["a", 3], SENT_BREAKS),
        (Literal[1], float, READ_BREAKS),
        (Annotated[int, Field(gt=0)], Annotated[int, Field(ge=1)], None),
        (Annotated[int, Field(ge=0)], Annotated[int, Field(gt=0)], SENT_BREAKS),
        (Annotated[float, Field(gt=0)], Annotated[float, Field(ge=0)], READ_BREAKS),
        (Annotated[float, Field(lt=9)], Annotated[float, Field(le=8)], SENT_BREAKS),
        (str, Annotated[str, Field(json_schema_extra={"example": "x"})], None),
    ],
)
def test_what_fits_decides_and_not_how_it_is_written(
    side: str, old: Any, new: Any, breaks: dict[str, bool] | None
) -> None:
    found = of_field(side, old, new)

    assert bool(found) == (breaks is not None)
    assert any(each for _, _, each in found) == (breaks or NOBODY)[side]


def test_a_field_of_its_own_that_was_one_of_any_name_is_held_against_what_those_were(side: str) -> None:
    texts = create_model("Texts", __base__=InputModel, a=(str, ""))

    found = of_field(side, dict[str, int], texts)

    assert ("it.a", "type_changed", True) in found


T = TypeVar("T")


class Page(WireModel, Generic[T]):
    items: tuple[T, ...]


class Hound(WireModel):
    kind: Literal["dog"]
    name: str


def test_what_generic_models_are_called_is_nobodys_business(side: str) -> None:
    assert of_field(side, Page[Dog], Page[Hound]) == []
    assert of_field(side, Page[Dog], Page[Fish])[0][0] == "it.items[].kind"


TREES = 12


def forest(last: Any, *, more: bool = False) -> Any:
    """Many models, each of which may hold any of them."""
    names = [f"Node{number}" for number in range(TREES)]
    any_of = " | ".join([*names, "Fish"] if more else names)
    made: dict[str, Any] = {"Fish": Fish}
    for number, name in enumerate(names):
        held = last if number == TREES - 1 else str
        fields: dict[str, Any] = {"on": (any_of, ...), "off": (f"{any_of} | None", None)}
        fields[f"v{number % 3}"] = (held, ...)
        made[name] = create_model(name, __base__=WireModel, __module__=__name__, **fields)
    for name in names:
        made[name].model_rebuild(_types_namespace=made)
    return made["Node0"]


def test_many_models_that_may_hold_each_other_are_judged_by_what_changed(side: str) -> None:
    (changed,) = of_field(side, forest(str), forest(int))
    more = of_field(side, forest(str), forest(str, more=True))

    assert changed[1:] == ("type_changed", True)
    assert {each[1:] for each in more} == {("widened", READ_BREAKS[side])}
