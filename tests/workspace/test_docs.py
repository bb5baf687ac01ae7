"""The documents lead where they say."""

import re
import subprocess
from pathlib import Path

import pytest

from workspace import ROOT

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)")
ROW = re.compile(r"^\| \[[^\]]+\]\(([^)]+)\) \|", re.MULTILINE)
DECISIONS = ROOT / "docs" / "decisions"
RECORDS = sorted(DECISIONS.glob("0*.md"))


def _documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607 - git of the PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_every_link_to_a_file_has_its_file() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {link['target']}"
        for document in _documents()
        for link in LINK.finditer(document.read_text())
        if not (document.parent / link["target"]).exists()
    ]

    assert broken == []


def test_the_table_of_auth_api_names_every_module() -> None:
    table = (ROOT / "plugin_auth" / "README.md").read_text().partition("## What is where")[2]
    modules = {path.stem for path in (ROOT / "plugin_auth" / "netscript_plugin_auth").glob("*.py")}

    assert {name for name in modules if f"`{name}`" not in table} == {"__init__"}


def test_the_index_lists_every_decision_record_once_and_in_order() -> None:
    index = (DECISIONS / "README.md").read_text()

    assert ROW.findall(index) == [record.name for record in RECORDS]


def test_the_index_of_the_pages_lists_each_once() -> None:
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"]

    listed = ROW.findall((ROOT / "docs" / "README.md").read_text())

    assert sorted(name for name in listed if "/" not in name) == sorted(pages)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_record_says_its_status_why_and_what_follows(record: Path) -> None:
    text = record.read_text()

    assert text.startswith(f"# {record.name[:4]} ")
    assert re.search(r"^Status: (accepted|superseded by \d{4})", text, re.MULTILINE)
    assert re.search(r"^Date: \d{4}-\d{2}$", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
