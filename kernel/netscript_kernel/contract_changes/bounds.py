"""Bounds of texts, numbers and lists: which way they moved."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from netscript_kernel.contract_changes.change import ChangeKind, Effect

Found: TypeAlias = tuple[ChangeKind, Effect, str]

_LOWER: Final = ("minLength", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maxItems", "maxProperties")
# Either says up to where; of both together the tighter one.
_OF_NUMBERS: Final = (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1))
# What cannot be measured: there or not, the same or another.
_RULES: Final = ("pattern", "format", "multipleOf")
_UNIQUE: Final = "uniqueItems"

JUDGED: Final = frozenset(
    {*_LOWER, *_UPPER, *_RULES, _UNIQUE, *(keyword for pair in _OF_NUMBERS for keyword in pair[:2])}
)
"""Keywords that are judged here."""


def changes_of_bounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    """Yield each bound that moved."""
    for keyword in (*_LOWER, *_UPPER):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            yield _moved(keyword, before, after, narrows=_narrows(keyword, before, after))
    for plain, exclusive, inwards in _OF_NUMBERS:
        tight, tighter = (_tightness(each, plain, exclusive, inwards) for each in (old, new))
        if tight != tighter:
            words = f"had {_ends(old, plain, exclusive)}, and has {_ends(new, plain, exclusive)}"
            yield _told(words, narrows=tighter > tight)
    for keyword in _RULES:
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if before is not None and after is not None:
            yield ChangeKind.TYPE_CHANGED, Effect.REPLACES, f"has another {keyword}"
        else:
            yield _moved(keyword, before, after, narrows=before is None)
    before, after = bool(old.get(_UNIQUE)), bool(new.get(_UNIQUE))
    if before != after:
        yield _moved(_UNIQUE, before, after, narrows=after)


def _narrows(keyword: str, before: Any, after: Any) -> bool:
    if before is None or after is None:
        return before is None
    return bool(after > before if keyword in _LOWER else after < before)


def _tightness(schema: Mapping[str, Any], plain: str, exclusive: str, inwards: int) -> tuple[float, bool]:
    """Return a bound of numbers as what grows with every number that it shuts out."""
    bounds = [(-math.inf, False)]
    if plain in schema:
        bounds.append((schema[plain] * inwards, False))
    if exclusive in schema:
        is_next = schema.get("type") == "integer" and isinstance(schema[exclusive], int)
        bound = schema[exclusive] * inwards
        bounds.append((bound + 1, False) if is_next else (bound, True))
    return max(bounds)


def _ends(schema: Mapping[str, Any], *keywords: str) -> str:
    ends = [_bound(keyword, schema[keyword]) for keyword in keywords if keyword in schema]
    return " and ".join(ends) or f"no {keywords[0]}"


def _moved(keyword: str, before: Any, after: Any, *, narrows: bool) -> Found:
    return _told(f"had {_bound(keyword, before)}, and has {_bound(keyword, after)}", narrows=narrows)


def _told(words: str, *, narrows: bool) -> Found:
    if narrows:
        return ChangeKind.NARROWED, Effect.NARROWS, words
    return ChangeKind.WIDENED, Effect.WIDENS, words


def _bound(keyword: str, value: Any) -> str:
    return f"no {keyword}" if value is None else f"{keyword} {value}"
