"""The security page claims what tests show, speaks of every attack, and passes over no requirement."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.test_catalogue import ROWS
from workspace import ROOT

PAGE: Final = ROOT / "docs" / "security.md"
# ASVS 5.0.0: how many requirements each section has that the page is about.
SECTIONS: Final = {
    "3.3": 5, "3.4": 8, "3.5": 8,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3,
}  # fmt: skip
NEEDS_A_TEST: Final = {"met", "partly"}
VERDICTS: Final = NEEDS_A_TEST | {"not met", "yours", "not applicable"}
_NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_\w+)`")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+[^|]*) \| [123][^|]* \| [^|]+ \| ([a-z ]+) \| (.+) \|$", re.MULTILINE)
_THREATS = re.compile(r"^## Threats.*?(?=^## )", re.MULTILINE | re.DOTALL)
_RANGE = re.compile(r"(\d+\.\d+)\.(\d+) to \1\.(\d+)")


def _text() -> str:
    return PAGE.read_text("utf-8")


def _rows() -> list[tuple[str, str, str]]:
    """Return number, verdict and explanation of each requirement."""
    return [(row[1], row[2], row[3]) for row in _ROW.finditer(_text())]


@cache
def _tests_of(path: Path) -> frozenset[str]:
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _numbers(cell: str) -> list[str]:
    if found := _RANGE.fullmatch(cell):
        return [f"{found[1]}.{number}" for number in range(int(found[2]), int(found[3]) + 1)]
    return cell.split(", ")


def test_every_test_that_the_page_names_is_there() -> None:
    named = [(ROOT / path, name) for path, name in _NAMED.findall(_text())]

    missing = [name for path, name in named if not path.is_file() or name not in _tests_of(path)]

    assert named
    assert missing == [], "renamed? say the new name in docs/security.md"


def test_no_name_of_a_test_is_written_in_another_form() -> None:
    assert _text().count("::test_") == len(_NAMED.findall(_text()))


def test_every_attack_of_the_catalogue_is_named_by_a_threat() -> None:
    section = _THREATS.search(_text())

    assert section is not None
    cells = re.findall(r"^\|.*\| (.*) \|$", section[0], re.MULTILINE)
    named = re.findall(r"\b([A-K]\d+)\b", ", ".join(cells))
    assert sorted(row.lower() for row in named) == sorted(ROWS)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_requirement_of_a_section_is_judged_once(section: str) -> None:
    judged = [number for cell, _, _ in _rows() for number in _numbers(cell)]

    of_the_section = [number for number in judged if number.rpartition(".")[0] == section]

    assert of_the_section == [f"{section}.{number}" for number in range(1, SECTIONS[section] + 1)]


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0])
def test_what_is_said_to_be_met_is_shown_by_a_test(row: tuple[str, str, str]) -> None:
    _, verdict, explanation = row

    assert verdict in VERDICTS
    assert verdict not in NEEDS_A_TEST or _NAMED.search(explanation)
