"""JSON Schema, as far as Pydantic writes it: references followed, unions taken apart."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

Schema: TypeAlias = Mapping[str, Any]

_REFERENCE: Final = "#/$defs/"
_UNIONS: Final = ("anyOf", "oneOf")
_PART: Final = "/"
WORDS: Final = frozenset(
    {
        "$comment",
        "$defs",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    }
)
"""Keywords by which no document fits that otherwise would not, nor the other way round."""
VALUES: Final = frozenset({"type", "const", "enum"})
"""Keywords that say which values fit."""

# A truth value is an int to Python, so it comes first.
_KINDS: Final = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the shapes that a schema allows.

    Attributes:
        key: The definition that it comes from, and which part of it, so that a definition within itself
            ends somewhere.
        schema: Without references and unions at its top, and without words for people.
        tags: Its fields that have one fixed value, as JSON: they tell apart what is of one union.
    """

    key: str | None
    schema: Schema
    tags: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)

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
    def name(self) -> str | None:
        """Of the definition, if it is the whole of one."""
        return self.key if self.key and _PART not in self.key else None

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return self.name or str(self.schema.get("format", self.kind))


class Definitions:
    """The definitions of one schema document.

    Args:
        document: The whole of it.
    """

    def __init__(self, document: Schema) -> None:
        self.found: Mapping[str, Schema | bool] = document.get("$defs", {})

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
            target = target_of(reference)
            if target in seen or target not in self.found or _plain(schema).keys() - {"$ref"}:
                yield Alternative(None, {"unknown": schema})
                return
            if target not in done:  # twice in one union is the same as once
                yield from self._taken_apart(self.found[target], target, seen | {target}, done)
                done.add(target)
            return
        parts = _parts(schema)
        if parts is None:
            yield Alternative(key, _plain(schema), self._tags(schema))
            return
        for position, each in enumerate(parts):
            part = f"{key}{_PART}{position}" if key and len(parts) > 1 else key
            yield from self._taken_apart(each, part, seen, done)

    def _tags(self, schema: Schema) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, each in schema.get("properties", {}).items():
            values = self._fixed(each)
            if len(values) == 1:
                found[name] = next(iter(values))
        return found

    def _fixed(self, schema: Schema | bool) -> frozenset[str]:  # noqa: FBT001 - as above
        """Return the values of an enumeration, where a schema is one or leads straight to one."""
        if isinstance(schema, bool):
            return frozenset()
        target = self.found.get(target_of(schema.get("$ref", "")), schema)
        return frozenset() if isinstance(target, bool) else values_of(target) or frozenset()


def target_of(reference: str) -> str:
    """Return the name of the definition that a reference leads to."""
    return reference.removeprefix(_REFERENCE)


def values_of(schema: Schema) -> frozenset[str] | None:
    """Return the values of an enumeration, each as JSON, or ``None`` for what is none."""
    if "const" in schema:
        return frozenset({json.dumps(schema["const"])})
    if "enum" in schema:
        return frozenset(json.dumps(each) for each in schema["enum"])
    return None


def _parts(schema: Schema) -> list[Schema] | None:
    """Return what a union is a union of, or ``None`` for what is none, or not only one."""
    for union in _UNIONS:
        if union in schema and not schema.keys() - WORDS - {union}:
            return cast("list[Schema]", schema[union])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**_plain(schema), "type": kind} for kind in cast("list[str]", kinds)]
    return _by_kind(schema) if kinds is None and "enum" in schema else None


def _by_kind(schema: Schema) -> list[Schema] | None:
    """Return an enumeration of several kinds of values as one for each, or ``None`` for one of one kind."""
    kinds: dict[str, list[Any]] = {}
    for value in schema["enum"]:
        kinds.setdefault(_kind_of(value), []).append(value)
    if len(kinds) < 2:
        return None
    return [{**schema, "enum": values} for values in kinds.values()]


def _plain(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in WORDS}


def _kind_of(value: object) -> str:
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "null" if value is None else "values"
