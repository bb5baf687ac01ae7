"""Enumerations: which values came, and which went."""

from collections.abc import Iterator
from typing import Final

from netscript_kernel.contract_changes.alternatives import VALUES, Alternative, values_of
from netscript_kernel.contract_changes.bounds import Found
from netscript_kernel.contract_changes.change import ChangeKind, Effect

_OF_A_KIND: Final = frozenset({"type"})


def are_values(*alternatives: Alternative) -> bool:
    """Whether one of them allows some values alone."""
    return any(values_of(each.schema) is not None for each in alternatives)


def changes_of_values(old: Alternative, new: Alternative) -> Iterator[Found]:
    """Yield what changed of two alternatives, one of which allows some values alone."""
    before, after = values_of(old.schema), values_of(new.schema)
    if before is not None and after is not None:
        yield from _between(before, after)
        if _bounds_of(old) != _bounds_of(new):
            yield ChangeKind.TYPE_CHANGED, Effect.REPLACES, "has other bounds"
    elif before is not None and _is_any(new, old):
        yield ChangeKind.WIDENED, Effect.WIDENS, f"can be any {new.kind} now"
    elif after is not None and _is_any(old, new):
        words = f"can only be one of {', '.join(sorted(after))} now"
        yield ChangeKind.NARROWED, Effect.NARROWS, words
    else:
        yield ChangeKind.TYPE_CHANGED, Effect.REPLACES, f"was {old.words}, and is {new.words}"


def _between(before: frozenset[str], after: frozenset[str]) -> Iterator[Found]:
    for each in sorted(before - after):
        yield ChangeKind.VALUE_REMOVED, Effect.NARROWS, f"can be {each} no more"
    for each in sorted(after - before):
        yield ChangeKind.VALUE_ADDED, Effect.WIDENS, f"can be {each}, too"


def _bounds_of(alternative: Alternative) -> dict[str, object]:
    return {key: value for key, value in alternative.schema.items() if key not in VALUES}


def _is_any(whole: Alternative, some: Alternative) -> bool:
    """Whether one allows everything that is of the kind of the other's values."""
    kinds = {"number", "integer"} if some.kind == "integer" else {some.kind}
    return whole.kind in kinds and not whole.schema.keys() - _OF_A_KIND
