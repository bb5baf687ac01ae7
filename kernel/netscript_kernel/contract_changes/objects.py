"""Compares the fields of two objects."""

import json
from collections.abc import Iterator
from typing import Any, Final

from netscript_kernel.contract_changes.alternatives import Schema
from netscript_kernel.contract_changes.change import ChangeKind, Difference, Effect, Side
from netscript_kernel.contract_changes.schema_judge import SchemaJudge

_REST: Final = "additionalProperties"


class ObjectComparison:
    """Compares objects field by field. An output leaves out what is ``null``, so there the two are one.

    Args:
        schemas: Compares the fields' own schemas.
    """

    def __init__(self, schemas: SchemaJudge) -> None:
        self._schemas = schemas

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield all differences of an object."""
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            where = f"{place}.{name}"
            if name in after:
                yield from self._kept(old, new, name, where)
            else:
                yield Difference(ChangeKind.FIELD_REMOVED, Effect.REPLACES, where, "is there no more")
        for name in after:
            if name not in before:
                yield from self._added(old, new, name, f"{place}.{name}")
        yield from self._rest(old, new, place)

    def _kept(self, old: Schema, new: Schema, name: str, place: str) -> Iterator[Difference]:
        one, other = old["properties"][name], new["properties"][name]
        was, will_be = name in old.get("required", ()), name in new.get("required", ())
        is_output = self._schemas.side is Side.OUTPUT
        if is_output:
            may_have_been_null, may_be_null = self._schemas.allows_null(one, other)
            was, will_be = was and not may_have_been_null, will_be and not may_be_null
        if was and not will_be:
            words = "need not be there any more"
            yield Difference(ChangeKind.FIELD_OPTIONAL, Effect.WIDENS, place, words)
        if will_be and not was:
            words = "has to be there now"
            yield Difference(ChangeKind.FIELD_REQUIRED, Effect.NARROWS, place, words)
        if not (is_output or was or will_be) and _default(one) != _default(other):
            # Whoever leaves it out gets what the new default leads to.
            words = f"had the default {_default(one)}, and has {_default(other)}"
            yield Difference(ChangeKind.DEFAULT_CHANGED, Effect.REPLACES, place, words)
        yield from self._schemas.compare(one, other, place, ignores_null=is_output)

    def _added(self, old: Schema, new: Schema, name: str, place: str) -> Iterator[Difference]:
        # Whoever reads passes over what they do not know; whoever sends does not send it.
        is_needed = self._schemas.side is Side.INPUT and name in new.get("required", ())
        effect = Effect.NARROWS if is_needed else Effect.NEITHER
        words = "is new, and has to be there" if is_needed else "is new"
        yield Difference(ChangeKind.FIELD_ADDED, effect, place, words)
        if _REST in old and old[_REST] is not False:  # a field of any name was known, and was to be so
            yield from self._schemas.compare(old[_REST], new["properties"][name], place)

    def _rest(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        before, after = old.get(_REST, True), new.get(_REST, True)
        if before == after and isinstance(before, bool):
            return
        if isinstance(before, bool) and isinstance(after, bool):
            if self._schemas.side is Side.INPUT:
                kind, effect, words = (
                    (ChangeKind.NARROWED, Effect.NARROWS, "takes no unknown fields any more")
                    if before
                    else (ChangeKind.WIDENED, Effect.WIDENS, "passes over unknown fields now")
                )
                yield Difference(kind, effect, place, words)
            return
        yield from self._schemas.compare(before, after, f"{place}.*")


def loses_fields(old: Schema, new: Schema) -> bool:
    """Whether a field of one object is not one of another."""
    are_objects = old.get("type") == new.get("type") == "object"
    return are_objects and bool(old.get("properties", {}).keys() - new.get("properties", {}).keys())


def _default(schema: Any) -> str:
    """Return what is taken where a field is not there, as JSON, for a comparison and for words."""
    if isinstance(schema, bool) or "default" not in schema:
        return "that is not told"
    return json.dumps(schema["default"], sort_keys=True)
