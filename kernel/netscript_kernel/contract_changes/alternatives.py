"""JSON Schema, as far as Pydantic writes it: references followed, unions taken apart."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

Schema: TypeAlias = Mapping[str, Any]

_REFERENCE: Final = "#/$defs/"
_UNIONS: Final = ("anyOf", "oneOf")
_PART: Final = "/"
_WORDS: Final = frozenset(
    {"title", "description", "default", "examples", "deprecated", "discriminator", "$defs"}
)
# A truth value is an int to Python, so it comes first.
_KINDS: Final = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the shapes that a schema allows.

    Attributes:
        key: The definition that it comes from, and which part of it, so that a definition within itself
            ends somewhere.
        schema: Without references and unions at its top, and without words for people.
    """

    key: str | None
    schema: Schema

    @property
    def kind(self) -> str:
        """The type, ``any`` where every document fits, ``unknown`` where that cannot be judged."""
        kind = self.schema.get("type")
        if isinstance(kind, str):
            return kind
        values = values_of(self.schema)
        if values is not None:
            kinds = {_kind_of(json.loads(each)) for each in values}
            return kinds.pop() if len(kinds) == 1 else "values"
        return "unknown" if self.schema else "any"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        name = self.key if self.key and _PART not in self.key else None
        return name or str(self.schema.get("format", self.kind))


class Definitions:
    """The definitions of one schema document.

    Args:
        document: The whole of it.
    """

    def __init__(self, document: Schema) -> None:
        self.found: Mapping[str, Schema] = document.get("$defs", {})

    def alternatives(self, schema: Schema | bool) -> list[Alternative]:  # noqa: FBT001 - JSON Schema has both
        """Return every shape that a schema allows; none where it allows nothing."""
        return list(self._taken_apart(schema, None, frozenset(), set()))

    def _taken_apart(
        self,
        schema: Schema | bool,  # noqa: FBT001 - as above
        key: str | None,
        seen: frozenset[str],
        done: set[str],
    ) -> Iterator[Alternative]:
        if isinstance(schema, bool):
            if schema:
                yield Alternative(None, {})
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target = reference.removeprefix(_REFERENCE)
            if target in seen or target not in self.found:
                yield Alternative(target, {"unknown": reference})
                return
            if target not in done:  # twice in one union is the same as once
                yield from self._taken_apart(self.found[target], target, seen | {target}, done)
                done.add(target)
            return
        parts = _parts(schema)
        if parts is None:
            yield Alternative(key, _plain(schema))
            return
        for position, each in enumerate(parts):
            part = f"{key}{_PART}{position}" if key and len(parts) > 1 else key
            yield from self._taken_apart(each, part, seen, done)


def values_of(schema: Schema) -> frozenset[str] | None:
    """Return the values of an enumeration, each as JSON, or ``None`` for what is none."""
    if "const" in schema:
        return frozenset({json.dumps(schema["const"])})
    if "enum" in schema:
        return frozenset(json.dumps(each) for each in schema["enum"])
    return None


def refers(schema: object) -> bool:
    """Whether anything in a schema is said elsewhere, so that the same words may mean something else."""
    return '"$ref"' in json.dumps(schema)


def _parts(schema: Schema) -> list[Schema] | None:
    """Return what a union is a union of, or ``None`` for what is none, or not only one."""
    for union in _UNIONS:
        if union in schema and not schema.keys() - _WORDS - {union}:
            return cast("list[Schema]", schema[union])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**_plain(schema), "type": kind} for kind in cast("list[str]", kinds)]
    return None


def _plain(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in _WORDS}


def _kind_of(value: object) -> str:
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "null" if value is None else "values"
