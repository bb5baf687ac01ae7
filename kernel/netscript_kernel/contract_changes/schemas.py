"""Compares two schemas: what fits the one and not the other, place by place."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from netscript_kernel.contract_changes.alternatives import VALUES, Alternative, Definitions, Schema
from netscript_kernel.contract_changes.bounds import JUDGED, changes_of_bounds
from netscript_kernel.contract_changes.change import ChangeKind, Difference, Effect, Side
from netscript_kernel.contract_changes.limits import Budget
from netscript_kernel.contract_changes.objects import ObjectComparison, loses_fields
from netscript_kernel.contract_changes.recursion import PairsOfDefinitions
from netscript_kernel.contract_changes.sameness import Sameness
from netscript_kernel.contract_changes.unions import UnionComparison, are_apart
from netscript_kernel.contract_changes.values import are_values, changes_of_values

_NULL: Final = "null"
_ANY: Final = "any"
_UNKNOWN: Final = "unknown"
_MOST_COMPARISONS: Final = 20_000
_OF_STRUCTURE: Final = VALUES | {"properties", "required", "additionalProperties", "items", "prefixItems"}


class SchemaComparison:
    """Compares schemas of one side of one operation.

    Args:
        side: Which.
        old: The whole document that references of the old schema lead into.
        new: The same of the new one.
    """

    def __init__(self, side: Side, old: Schema, new: Schema) -> None:
        self.side = side
        self._old, self._new = Definitions(old), Definitions(new)
        self._same = Sameness(self._old, self._new)
        self._pairs = PairsOfDefinitions()
        self._effects: set[tuple[str | None, str | None, Effect]] = set()
        self._budget = Budget(_MOST_COMPARISONS)
        self._unions, self._objects = UnionComparison(self), ObjectComparison(self)

    def compare(self, old: Any, new: Any, place: str, *, ignores_null: bool = False) -> list[Difference]:
        """Return all differences of one schema from the other.

        Args:
            old: A schema.
            new: A schema.
            place: What it is, for the words.
            ignores_null: Whether ``null`` means "not there", which is judged elsewhere.

        Raises:
            TooLargeError: they would have to be compared at too many places.
        """
        before, after = self._old.alternatives(old), self._new.alternatives(new)
        if ignores_null:
            before = [each for each in before if each.kind != _NULL]
            after = [each for each in after if each.kind != _NULL]
        if len(before) == len(after) == 1:
            return self.one(before[0], after[0], place)
        return list(self._unions.compare(before, after, place))

    def allows_null(self, old: Any, new: Any) -> tuple[bool, bool]:
        """Whether each of two schemas says that it allows ``null``."""
        both = (self._old.alternatives(old), self._new.alternatives(new))
        before, after = (any(each.kind == _NULL for each in alternatives) for alternatives in both)
        return before, after

    def one(self, old: Alternative, new: Alternative, place: str) -> list[Difference]:
        """Return all differences of one alternative from another."""
        self._budget.spend()
        if old.key is None or new.key is None:
            return list(self._judged(old, new, place))
        within = self._pairs.differences((old.key, new.key), lambda: list(self._judged(old, new, "")))
        self._budget.spend(len(within))
        return [replace(each, place=place + each.place) for each in within]

    def is_same(self, old: Alternative, new: Alternative) -> bool:
        """Whether two alternatives say the same."""
        if old.name is not None and new.name is not None:
            return self._same.of_definitions(old.name, new.name)
        return self._same.holds(old.schema, new.schema)

    def has_effect(self, old: Alternative, new: Alternative, effect: Effect) -> bool:
        """Whether going from one alternative to another has an effect, or might have."""
        if are_apart(old, new) or loses_fields(old.schema, new.schema):
            return True
        tried = (old.key, new.key, effect)
        if tried in self._effects:
            return True
        with self._pairs.without_telling():
            found = any(each.effect in {effect, Effect.REPLACES} for each in self.one(old, new, ""))
        if found and old.key is not None and new.key is not None:
            self._effects.add(tried)
        return found

    def _judged(self, old: Alternative, new: Alternative, place: str) -> Iterator[Difference]:
        if self.is_same(old, new):
            return
        if _ANY in {old.kind, new.kind}:
            is_narrower = old.kind == _ANY
            yield _moved(place, f"was {old.words}, and is {new.words}", is_narrower=is_narrower)
        elif are_values(old, new):
            for kind, effect, words in changes_of_values(old, new):
                yield Difference(kind, effect, place, words)
        elif {old.kind, new.kind} == {"integer", "number"}:
            is_narrower = new.kind == "integer"
            yield _moved(place, f"was {old.kind}, and is {new.kind}", is_narrower=is_narrower)
            yield from self._within(old.schema, new.schema, place)
        elif old.kind != new.kind or _UNKNOWN in {old.kind, new.kind}:
            words = f"was {old.words}, and is {new.words}"
            yield Difference(ChangeKind.TYPE_CHANGED, Effect.REPLACES, place, words)
        else:
            yield from self._within(old.schema, new.schema, place)

    def _within(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        for kind, effect, words in changes_of_bounds(old, new):
            yield Difference(kind, effect, place, words)
        if old.get("type") == "object":
            yield from self._objects.compare(old, new, place)
        if old.get("type") == "array":
            yield from self._items(old, new, place)
        for keyword in sorted((old.keys() | new.keys()) - JUDGED - _OF_STRUCTURE):
            if not self._same.holds(old.get(keyword), new.get(keyword)):
                words = f"has another {keyword}"
                yield Difference(ChangeKind.TYPE_CHANGED, Effect.REPLACES, place, words)

    def _items(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        before, after = old.get("prefixItems", ()), new.get("prefixItems", ())
        if len(before) != len(after):
            words = f"had {len(before)} fixed items, and has {len(after)}"
            yield Difference(ChangeKind.TYPE_CHANGED, Effect.REPLACES, place, words)
            return
        for position, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from self.compare(one, other, f"{place}[{position}]")
        yield from self.compare(old.get("items", {}), new.get("items", {}), f"{place}[]")


def _moved(place: str, words: str, *, is_narrower: bool) -> Difference:
    if is_narrower:
        return Difference(ChangeKind.NARROWED, Effect.NARROWS, place, words)
    return Difference(ChangeKind.WIDENED, Effect.WIDENS, place, words)
