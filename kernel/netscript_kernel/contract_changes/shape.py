"""What a schema has to be like for anybody to compare it: one that is written by hand may be anything."""

import math
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError


def _number(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not math.isfinite(value)):
        raise PydanticCustomError("no_number", "is no number")
    return value


def _shape(value: object) -> object:
    """Take ``true`` and ``false``, which are schemas, too; they have nothing within."""
    return _Shape() if isinstance(value, bool) else value


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Number: TypeAlias = Annotated[Any, AfterValidator(_number)]
_Count: TypeAlias = Annotated[int, Field(ge=0)]
_Below: TypeAlias = Annotated["_Shape", BeforeValidator(_shape)]


class _Shape(BaseModel):
    """Keywords that a comparison looks into; all others may be anything."""

    reference: str = Field(default="", alias="$ref")
    definitions: dict[str, _Below] = Field(default={}, alias="$defs")
    any_of: list[_Below] = Field(default=[], alias="anyOf")
    one_of: list[_Below] = Field(default=[], alias="oneOf")
    kinds: Annotated[list[str], BeforeValidator(_several)] = Field(default=[], alias="type")
    enum: list[Any] = []
    properties: dict[str, _Below] = {}
    required: list[str] = []
    rest: _Below | None = Field(default=None, alias="additionalProperties")
    patterns: dict[str, _Below] = Field(default={}, alias="patternProperties")
    items: _Below | None = None
    prefix_items: list[_Below] = Field(default=[], alias="prefixItems")
    minimum: _Number = 0
    maximum: _Number = 0
    above: _Number = Field(default=0, alias="exclusiveMinimum")
    below: _Number = Field(default=0, alias="exclusiveMaximum")
    multiple: _Number = Field(default=0, alias="multipleOf")
    min_length: _Count = Field(default=0, alias="minLength")
    max_length: _Count = Field(default=0, alias="maxLength")
    min_items: _Count = Field(default=0, alias="minItems")
    max_items: _Count = Field(default=0, alias="maxItems")
    min_fields: _Count = Field(default=0, alias="minProperties")
    max_fields: _Count = Field(default=0, alias="maxProperties")
    are_unique: bool = Field(default=False, alias="uniqueItems")
    pattern: str = ""
    format: str = ""


def _shaped(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        _Shape.model_validate(schema, strict=True)
    except ValidationError as error:
        place = place_of_first(error)
        raise PydanticCustomError("no_schema", "{place} is none of a schema", {"place": place}) from None
    return schema


def place_of_first(error: ValidationError) -> str:
    """Return where in a document the first thing stands that is wrong: ``operations[0].input.minimum``."""
    details = error.errors(include_url=False, include_input=False)[0]
    within = details.get("ctx", {}).get("place")
    parts = (*details["loc"], *([within] if within else ()))
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


Schema: TypeAlias = Annotated[dict[str, Any], AfterValidator(_shaped)]
"""JSON Schema, of which every keyword that is compared is what it should be."""
