"""Which schemas of two documents say the same, whatever their definitions are called."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, TypeAlias, cast

from netscript_kernel.contract_changes.alternatives import WORDS, Definitions, Schema, target_of
from netscript_kernel.contract_changes.limits import TooLargeError

_Classes: TypeAlias = Mapping[str, int]

_REFERENCE: Final = "$ref"
_OF_NAMES: Final = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "dependentRequired", "definitions"}
)
_OF_VALUES: Final = frozenset({"const", "default", "enum", "required"})
_MOST_READINGS: Final = 200_000


class Sameness:
    """Tells whether a schema of the old document says the same as one of the new.

    Args:
        old: Definitions that references of the old one lead to.
        new: Likewise.
    """

    def __init__(self, old: Definitions, new: Definitions) -> None:
        self._old, self._new = old.found, new.found

    def holds(self, old: object, new: object) -> bool:
        """Whether two schemas say the same; words for people are passed over, defaults are not.

        Raises:
            TooLargeError: nobody would wait for the answer.
        """
        if old == new and self._old == self._new:
            return True
        before, after = self._classes
        return _text(old, before) == _text(new, after)

    def of_definitions(self, old: str, new: str) -> bool:
        """Whether two definitions say the same; likewise."""
        if old == new and self._old == self._new:
            return True
        before, after = self._classes
        return before[old] == after[new]

    @cached_property
    def _classes(self) -> tuple[_Classes, _Classes]:
        """Sort definitions into classes: begin with one for all, and part what reads differently."""
        before, after = dict.fromkeys(self._old, 0), dict.fromkeys(self._new, 0)
        known, left = 1, _MOST_READINGS
        while True:
            left -= len(before) + len(after)
            if left < 0:
                raise TooLargeError
            numbers: dict[str, int] = {}
            before, after = (
                {name: numbers.setdefault(_text(each, classes), len(numbers)) for name, each in found.items()}
                for found, classes in ((self._old, before), (self._new, after))
            )
            if len(numbers) <= known:
                return before, after
            known = len(numbers)


def _text(schema: object, classes: _Classes) -> str:
    return json.dumps(_read(schema, classes), sort_keys=True)


def _read(schema: object, classes: _Classes) -> Any:
    """Return a schema without words, where a reference is the class of what it leads to."""
    if isinstance(schema, list):
        return [_read(each, classes) for each in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: _said(keyword, value, classes)
        for keyword, value in cast("Schema", schema).items()
        if keyword not in WORDS or keyword in _OF_VALUES
    }


def _said(keyword: str, value: Any, classes: _Classes) -> Any:
    # Below a keyword that nobody here knows, anything may stand: such as a text in the place of properties.
    if keyword == _REFERENCE and isinstance(value, str):
        return classes.get(target_of(value), value)
    if keyword in _OF_VALUES:
        return value
    if keyword in _OF_NAMES and isinstance(value, dict):
        return {name: _read(each, classes) for name, each in cast("Schema", value).items()}
    return _read(value, classes)
