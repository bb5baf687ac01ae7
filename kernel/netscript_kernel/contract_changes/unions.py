"""Compares unions: what was one alternative, and is another one now; what came, and what went."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from netscript_kernel.contract_changes.alternatives import Alternative
from netscript_kernel.contract_changes.change import ChangeKind, Difference, Effect, Side
from netscript_kernel.contract_changes.schema_judge import SchemaJudge

_IsPair: TypeAlias = Callable[[Alternative, Alternative], bool]


class UnionComparison:
    """Compares alternatives with alternatives.

    Args:
        schemas: Compares one with another.
    """

    def __init__(self, schemas: SchemaJudge) -> None:
        self._schemas = schemas
        self._breaking = Effect.NARROWS if schemas.side is Side.INPUT else Effect.WIDENS

    def compare(
        self, before: Sequence[Alternative], after: Sequence[Alternative], place: str
    ) -> Iterator[Difference]:
        """Yield all differences: of what is a pair, then of what is none."""
        left, come = list(before), list(after)
        for is_pair in (self._schemas.is_same, _has_same_tag, _has_same_name, self._is_harmless, _is_alike):
            for one, other in _taken(left, come, is_pair):
                yield from self._schemas.one(one, other, place)
        for one in left:
            if all(self._schemas.has_effect(one, each, Effect.NARROWS) for each in after):
                yield Difference(ChangeKind.NARROWED, Effect.NARROWS, place, f"can be {one.words} no more")
        for other in come:
            if all(self._schemas.has_effect(each, other, Effect.WIDENS) for each in before):
                yield Difference(ChangeKind.WIDENED, Effect.WIDENS, place, f"can be {other.words}, too")

    def _is_harmless(self, one: Alternative, other: Alternative) -> bool:
        return _is_alike(one, other) and not self._schemas.has_effect(one, other, self._breaking)


def are_apart(one: Alternative, other: Alternative) -> bool:
    """Whether a field with a fixed value tells two alternatives apart."""
    return any(one.tags[name] != other.tags[name] for name in one.tags.keys() & other.tags.keys())


def _taken(
    left: list[Alternative], come: list[Alternative], is_pair: _IsPair
) -> Iterator[tuple[Alternative, Alternative]]:
    """Take pairs out of two lists."""
    for one in list(left):
        other = next((each for each in come if is_pair(one, each)), None)
        if other is not None:
            left.remove(one)
            come.remove(other)
            yield one, other


def _has_same_tag(one: Alternative, other: Alternative) -> bool:
    return bool(one.tags.keys() & other.tags.keys()) and not are_apart(one, other)


def _has_same_name(one: Alternative, other: Alternative) -> bool:
    return one.key is not None and one.key == other.key and _is_alike(one, other)


def _is_alike(one: Alternative, other: Alternative) -> bool:
    return one.kind == other.kind and not are_apart(one, other)
