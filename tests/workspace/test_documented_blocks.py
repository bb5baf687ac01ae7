"""Every block of every page is run by a test, or is of a kind that nothing can run."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from netscript_plugin_auth.variables import is_read_by_anybody
from tests.support.documented import ROOT, Block, Page, blocks_of, claimed, claims_in

# Not to be run: what a program prints, and diagrams.
SHOWN = {"text", "mermaid"}
# Variables, which one test judges for all pages.
VARIABLES = "env"
# The reference is made on demand, of code that is tested as such; its index is a page like others.
MADE = {path for path in (ROOT / "docs" / "reference").glob("*.md") if path.name != "README.md"}
WRITTEN = sorted({*(ROOT / "docs").rglob("*.md")} - MADE)
PAGES = ("README.md", *(str(page.relative_to(ROOT)) for page in WRITTEN))
BLOCKS = [block for page in PAGES for block in blocks_of(page)]
CLAIMS = list(claims_in((ROOT / "tests").rglob("test_*.py")))


def test_every_block_is_run_by_a_test() -> None:
    run = {(claim.page, info) for claim in CLAIMS for info in claim.infos}

    silent = [block for block in BLOCKS if block.info not in {*SHOWN, VARIABLES}]

    assert [(block.page, block.info) for block in silent if (block.page, block.info) not in run] == []


def test_every_block_says_what_it_is() -> None:
    assert [block.page for block in BLOCKS if not block.info] == []


def test_every_claim_has_its_blocks_and_a_test_that_takes_them() -> None:
    there = {(block.page, block.info) for block in BLOCKS}

    claimed = {(claim.page, info) for claim in CLAIMS for info in claim.infos}

    assert claimed - there == set()
    assert [claim.test for claim in CLAIMS if not claim.takes_them] == []


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.info == VARIABLES], ids=lambda block: block.page
)
def test_variables_of_a_page_are_read_by_somebody_and_said_once(block: Block) -> None:
    lines = [line for line in block.text.splitlines() if line and not line.startswith("#")]

    names = Counter(line.partition("=")[0] for line in lines)

    assert [name for name in names if not is_read_by_anybody(name)] == []
    assert all("=" in line for line in lines)
    assert set(names.values()) == {1}


def test_a_test_that_leaves_a_block_that_it_claims_fails() -> None:
    with (
        pytest.raises(AssertionError, match="does not take"),
        claimed("docs/swap-backends.md", "sh who", "text") as page,
    ):
        page.take("sh who")


def test_a_test_that_wants_a_block_that_is_not_there_fails() -> None:
    with (
        pytest.raises(AssertionError, match="no further block 'sh whom'"),
        claimed("docs/swap-backends.md") as page,
    ):
        page.take("sh whom")


@pytest.mark.parametrize("text", ["```sh\nls\n", "```\nls\n  ```\n", "  ```sh\n  ls\n```\n"])
def test_a_block_that_does_not_end_as_it_begins_is_no_page(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.md").write_text(text)

    with pytest.raises(AssertionError, match="does not end as it begins"):
        blocks_of(str(tmp_path / "page.md"))


@pytest.mark.page("README.md", "python")
def test_the_programs_of_the_readme_run(page: Page) -> None:
    for block in page.take_all():
        subprocess.run([sys.executable, "-W", "error", "-c", block.text], check=True)
