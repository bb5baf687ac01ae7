"""No regular expression of ours can be made to run for ever: nothing that repeats stands in what repeats."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from workspace import ROOT, load_project, member_folders

MEMBERS = {
    folder: load_project(ROOT / folder)["project"]["name"].replace("-", "_")
    for folder in member_folders(ROOT)
}
ADAPTERS = {package for folder, package in MEMBERS.items() if folder.startswith("adapters/")}
# The example stands for adapters of others, and is copied.
PACKAGES = (*MEMBERS.values(), "header_proxy_netscript")

# The only reader of patterns that there is, though not meant for others.
_parser: Any = importlib.import_module("re._parser")


@cache
def _patterns() -> dict[str, re.Pattern[Any]]:
    found: dict[str, re.Pattern[Any]] = {}
    for package in map(importlib.import_module, PACKAGES):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if each.name.endswith("__main__"):
                continue
            names = vars(importlib.import_module(each.name))
            found |= {f"{each.name}.{name}": value for name, value in names.items() if _is_pattern(value)}
    return found


def _is_pattern(value: object) -> bool:
    return isinstance(value, re.Pattern)


def _nesting(parsed: Any) -> int:
    """How deep repeats without end stand in one another."""
    return max((_nesting_of(operator, arguments) for operator, arguments in parsed), default=0)


def _nesting_of(operator: Any, arguments: Any) -> int:
    inner = max((_nesting(part) for part in _parts(arguments)), default=0)
    is_endless = "REPEAT" in str(operator) and arguments[1] is _parser.MAXREPEAT
    return inner + is_endless


def _parts(arguments: Any) -> Iterator[Any]:
    if isinstance(arguments, _parser.SubPattern):
        yield arguments
    elif type(arguments) in {tuple, list}:
        for each in arguments:
            yield from _parts(each)


def test_the_patterns_of_all_packages_are_found() -> None:
    found = {name.partition(".")[0] for name in _patterns()}

    assert len(_patterns()) >= 30
    assert {*ADAPTERS, "header_proxy_netscript"} <= found


def test_no_pattern_repeats_without_end_what_repeats_without_end() -> None:
    nested = {
        name: pattern.pattern
        for name, pattern in _patterns().items()
        if _nesting(_parser.parse(pattern.pattern, pattern.flags)) > 1
    }

    assert nested == {}


@pytest.mark.parametrize(
    ("pattern", "nesting"),
    [("a", 0), ("a{3}", 0), ("a+b*", 1), ("(a+)+", 2), ("(?:x|(?=y*)z)*", 2), ("(?:a{2})+", 1)],
)
def test_nesting_is_counted(pattern: str, nesting: int) -> None:
    assert _nesting(_parser.parse(pattern)) == nesting
