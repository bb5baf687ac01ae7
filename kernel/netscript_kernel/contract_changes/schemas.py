"""Compares two schemas: what fits the one and not the other, place by place."""

from collections.abc import Iterator
from typing import Any, Final

from netscript_kernel.contract_changes.alternatives import Alternative, Definitions, Schema, refers, values_of
from netscript_kernel.contract_changes.bounds import JUDGED, changes_of_bounds
from netscript_kernel.contract_changes.change import ChangeKind, Difference, Effect, Side
from netscript_kernel.contract_changes.objects import ObjectComparison

_NULL: Final = "null"
_MOST_COMPARISONS: Final = 20_000
_OF_STRUCTURE: Final = frozenset(
    {"type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems"}
)


class TooLargeError(Exception):
    """Raised where two schemas would have to be compared at more places than anybody waits for."""


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
        self._under_way: set[tuple[str, str]] = set()
        self._left = _MOST_COMPARISONS
        self._objects = ObjectComparison(self)

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
            return self._one(before[0], after[0], place)
        return list(self._several(before, after, place))

    def allows_null(self, old: Any, new: Any) -> tuple[bool, bool]:
        """Whether each of two schemas says that it allows ``null``."""
        both = (self._old.alternatives(old), self._new.alternatives(new))
        before, after = (any(each.kind == _NULL for each in alternatives) for alternatives in both)
        return before, after

    def _several(
        self, before: list[Alternative], after: list[Alternative], place: str
    ) -> Iterator[Difference]:
        """Pair what is the same, then what is of one kind; what is left over came or went."""
        left, come = list(before), list(after)
        for exactly in (True, False):
            for one in list(left):
                other = next(
                    (each for each in come if self._is_pair(one, each, place, exactly=exactly)), None
                )
                if other is not None:
                    left.remove(one)
                    come.remove(other)
                    yield from self._one(one, other, place)
        for one in left:
            if all(self._differs(one, each, place, Effect.NARROWS) for each in after):
                yield Difference(ChangeKind.NARROWED, Effect.NARROWS, place, f"can be {one.words} no more")
        for other in come:
            if all(self._differs(each, other, place, Effect.WIDENS) for each in before):
                yield Difference(ChangeKind.WIDENED, Effect.WIDENS, place, f"can be {other.words}, too")

    def _is_pair(self, one: Alternative, other: Alternative, place: str, *, exactly: bool) -> bool:
        return not self._one(one, other, place) if exactly else one.kind == other.kind

    def _differs(self, one: Alternative, other: Alternative, place: str, effect: Effect) -> bool:
        """Whether a difference between two alternatives has an effect, or might have."""
        return any(each.effect in {effect, Effect.REPLACES} for each in self._one(one, other, place))

    def _one(self, old: Alternative, new: Alternative, place: str) -> list[Difference]:
        self._left -= 1
        if self._left < 0:
            raise TooLargeError
        pair = (old.key or "", new.key or "")
        if all(pair) and pair in self._under_way:
            return []
        if not all(pair):
            return list(self._judged(old, new, place))
        self._under_way.add(pair)
        try:
            return list(self._judged(old, new, place))
        finally:
            self._under_way.remove(pair)

    def _judged(self, old: Alternative, new: Alternative, place: str) -> Iterator[Difference]:
        if self._is_same(old.schema, new.schema):
            return
        if "any" in {old.kind, new.kind}:
            effect = Effect.NARROWS if old.kind == "any" else Effect.WIDENS
            kind = ChangeKind.NARROWED if old.kind == "any" else ChangeKind.WIDENED
            if old.kind != new.kind:
                yield Difference(kind, effect, place, f"was {old.words}, and is {new.words}")
            return
        values = (values_of(old.schema), values_of(new.schema))
        if any(each is not None for each in values):
            yield from self._values(old, new, *values, place)
            return
        if {old.kind, new.kind} == {"integer", "number"}:
            is_narrower = new.kind == "integer"
            kind = ChangeKind.NARROWED if is_narrower else ChangeKind.WIDENED
            effect = Effect.NARROWS if is_narrower else Effect.WIDENS
            yield Difference(kind, effect, place, f"was {old.kind}, and is {new.kind}")
        elif old.kind != new.kind or "unknown" in {old.kind, new.kind}:
            words = f"was {old.words}, and is {new.words}"
            yield Difference(ChangeKind.TYPE_CHANGED, Effect.REPLACES, place, words)
            return
        yield from self._within(old.schema, new.schema, place)

    def _is_same(self, old: object, new: object) -> bool:
        """Whether two schemas say the same, in the same words."""
        return old == new and (not refers(old) or self._old.found == self._new.found)

    def _within(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        for kind, effect, words in changes_of_bounds(old, new):
            yield Difference(kind, effect, place, words)
        if old.get("type") == "object":
            yield from self._objects.compare(old, new, place)
        if old.get("type") == "array":
            yield from self._items(old, new, place)
        for keyword in sorted((old.keys() | new.keys()) - JUDGED - _OF_STRUCTURE):
            if not self._is_same(old.get(keyword), new.get(keyword)):
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

    def _values(
        self,
        old: Alternative,
        new: Alternative,
        before: frozenset[str] | None,
        after: frozenset[str] | None,
        place: str,
    ) -> Iterator[Difference]:
        if before is not None and after is not None:
            for each in sorted(before - after):
                words = f"can be {each} no more"
                yield Difference(ChangeKind.VALUE_REMOVED, Effect.NARROWS, place, words)
            for each in sorted(after - before):
                yield Difference(ChangeKind.VALUE_ADDED, Effect.WIDENS, place, f"can be {each}, too")
            return
        is_plain = set(old.schema if after is not None else new.schema) == {"type"}
        if old.kind != new.kind or not is_plain:
            words = f"was {old.words}, and is {new.words}"
            yield Difference(ChangeKind.TYPE_CHANGED, Effect.REPLACES, place, words)
        elif after is None:
            words = f"can be any {new.kind} now"
            yield Difference(ChangeKind.WIDENED, Effect.WIDENS, place, words)
        else:
            words = f"can only be one of {', '.join(sorted(after))} now"
            yield Difference(ChangeKind.NARROWED, Effect.NARROWS, place, words)
