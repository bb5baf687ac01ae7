"""Every row of the catalogue of attacks has a test whose name begins with its id."""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SECTIONS = {
    "a": 7, "b": 14, "c": 14, "d": 9, "e": 7, "f": 5, "g": 3, "h": 4, "i": 5, "j": 5, "k": 3,
}  # fmt: skip
LATER = {
    "c14": "tenants of Entra come with the provider presets",
    "e4": "sign-out at the provider is being built",
    "e5": "sign-out at the provider is being built",
    "e6": "back-channel logout is not offered yet",
    "f1": "forward-auth is not offered yet",
    "f2": "forward-auth is not offered yet",
    "f3": "forward-auth is not offered yet",
    "f4": "forward-auth is not offered yet",
    "f5": "forward-auth is not offered yet",
    "i2": "refresh on read is being built",
    "i3": "refresh on read, leased between processes, is being built",
    "i5": "rate limits are not offered yet",
    "j1": "the workos backend is not there yet",
    "j2": "the workos backend is not there yet",
    "j3": "the better-auth backend is not there yet",
    "j4": "the better-auth backend is not there yet",
    "j5": "the better-auth backend is not there yet",
}
ROWS = [f"{section}{number + 1}" for section, count in SECTIONS.items() for number in range(count)]
_NAME = re.compile(r"^ *(?:async )?def test_([a-k][0-9]+)_", re.MULTILINE)


@cache
def _tested() -> frozenset[str]:
    texts = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py")]
    return frozenset(row for text in texts for row in _NAME.findall(text))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_catalogue_has_a_test_or_a_reason_for_none(row: str) -> None:
    is_tested = row in _tested()

    assert is_tested or row in LATER, f"no test is named test_{row}_..."
    assert not (is_tested and row in LATER), f"{row} has tests now: take it out of LATER"


def test_no_test_names_a_row_that_there_is_not() -> None:
    assert _tested() <= set(ROWS)
    assert LATER.keys() <= set(ROWS)
