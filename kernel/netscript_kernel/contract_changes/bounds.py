"""Bounds of texts, numbers and lists: which way they moved."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from netscript_kernel.contract_changes.change import ChangeKind, Effect

Found: TypeAlias = tuple[ChangeKind, Effect, str]

_LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
# What cannot be measured: there or not, the same or another.
_RULES: Final = ("pattern", "format", "multipleOf")
_UNIQUE: Final = "uniqueItems"

JUDGED: Final = frozenset({*_LOWER, *_UPPER, *_RULES, _UNIQUE})
"""Keywords that are judged here."""


def changes_of_bounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    """Yield each bound that moved."""
    for keyword in (*_LOWER, *_UPPER):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            yield _moved(keyword, before, after, narrows=_narrows(keyword, before, after))
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


def _moved(keyword: str, before: Any, after: Any, *, narrows: bool) -> Found:
    words = f"had {_bound(keyword, before)}, and has {_bound(keyword, after)}"
    if narrows:
        return ChangeKind.NARROWED, Effect.NARROWS, words
    return ChangeKind.WIDENED, Effect.WIDENS, words


def _bound(keyword: str, value: Any) -> str:
    return f"no {keyword}" if value is None else f"{keyword} {value}"
