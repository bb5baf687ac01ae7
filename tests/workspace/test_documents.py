"""What ``scripts/docs`` makes of the code is fresh where it is kept, and whole where it is made on demand."""

import ast
import asyncio
import logging
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from griffe import Module

from documents.backends import WAYS, capability_table
from documents.reference import load_modules, public_names, reference_page
from documents.regions import RegionMissingError, with_region
from documents.surface import SURFACE
from documents.writing import DOCS, REFERENCE, reference_pages, regions_renewed
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.contract_v1 import AuthV1
from tests.support.clone import Clone
from tests.support.documented import ROOT, Page, blocks_of
from workspace import member_folders

MODULES = [module for page in SURFACE.values() for module in page.modules]
_OWN = re.compile(
    r"netscript_(kernel|auth_core|auth_client|auth_kv_oauth|auth_workos|auth_better_auth|plugin_auth)\b"
)


# In one process: the sources are read once.
pytestmark = pytest.mark.xdist_group("reference")


@pytest.fixture(scope="module")
def modules() -> Mapping[str, Module]:
    return load_modules(MODULES)


@pytest.fixture(scope="module")
def pages(modules: Mapping[str, Module]) -> Mapping[str, str]:
    return asyncio.run(reference_pages(modules))


async def test_generated_tables_are_fresh() -> None:
    stale = [page.name for page, text in (await regions_renewed()).items() if page.read_text() != text]

    assert stale == [], "run scripts/docs"


def test_a_table_has_a_column_for_each_way_and_says_what_it_can() -> None:
    one = Capabilities(offered=frozenset({Capability.SIGNIN}))

    made = capability_table(dict.fromkeys(WAYS, one))

    assert "| `signin` | yes | yes | yes | yes | yes |" in made
    assert "| `revoke` | no | no | no | no | no |" in made


def test_what_is_around_a_generated_part_stays() -> None:
    page = "before\n<!-- x: written by scripts/docs -->\nold\n<!-- end -->\nafter <!-- end -->\n"

    renewed = with_region(page, "x", "new \\1")

    assert renewed == page.replace("old", "\nnew \\1\n")
    assert with_region(renewed, "x", "new \\1") == renewed


@pytest.mark.parametrize("times", [0, 2])
def test_a_page_without_a_single_place_is_refused(times: int) -> None:
    with pytest.raises(RegionMissingError, match="no single place for 'x'"):
        with_region("<!-- x: written by scripts/docs -->\n<!-- end -->\n" * times, "x", "new")


def test_docstrings_are_read_without_a_warning(
    modules: Mapping[str, Module], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for name, module in modules.items():
            reference_page(name, {name: module})

    assert caplog.messages == []


def test_the_reference_has_every_public_name(modules: Mapping[str, Module], pages: Mapping[str, str]) -> None:
    missing = [
        f"{module}.{name}"
        for file, page in SURFACE.items()
        for module in page.modules
        for name in public_names(modules[module])
        if f"\n### {name}\n" not in pages[f"{file}.md"].partition(f"\n## {module}\n")[2].partition("\n## ")[0]
    ]

    assert missing == []
    assert "SessionsPort" in public_names(modules["netscript_auth_core.ports"])


def test_everything_public_has_words(modules: Mapping[str, Module]) -> None:
    silent = [
        f"{name}.{each}"
        for name, module in modules.items()
        for each, member in public_names(module).items()
        if member.docstring is None and (member.is_class or member.is_function)
    ]

    assert silent == []


def test_the_reference_has_every_operation_of_the_api(pages: Mapping[str, str]) -> None:
    operations = [f"{each.method} {AuthV1.prefix}{each.path}" for each in AuthV1.operations.values()]

    headings = set(re.findall(r"^## (.+)$", pages["http-api.md"], re.MULTILINE))

    assert len(operations) > 10
    assert {re.sub(r"\{.*?\}", "{}", each) for each in operations} <= {
        re.sub(r"\{.*?\}", "{}", each) for each in headings
    }


def test_every_link_within_the_reference_has_its_heading(pages: Mapping[str, str]) -> None:
    for text in pages.values():
        anchors = {heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}

        assert set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors == set()


def test_the_index_of_the_reference_names_every_page(pages: Mapping[str, str]) -> None:
    named = re.findall(r"^\| `([a-z-]+\.md)` \|", (REFERENCE / "README.md").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(pages)


def test_what_the_documentation_imports_is_public() -> None:
    files = ["README.md", *(str(file.relative_to(ROOT)) for file in DOCS.glob("*.md"))]
    blocks = [block for file in files for block in blocks_of(file)]
    programs = [block.text for block in blocks if block.info.split(" ")[0] == "python"]

    imported = {
        node.module
        for program in programs
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("netscript_")
    }

    assert imported
    assert imported - set(MODULES) == set()


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.page("docs/reference/README.md", "sh")
def test_the_command_writes_the_reference_and_the_tables(page: Page, tmp_path: Path) -> None:
    clone = Clone(tmp_path, ("scripts/docs", "scripts/lib", "pyproject.toml", "docs", *member_folders(ROOT)))
    for file in (tmp_path / "docs" / "reference").glob("[a-z]*.md"):
        file.unlink()
    table = tmp_path / "docs" / "providers.md"
    fresh = table.read_text()
    table.write_text(fresh.replace("| `zoom` |", "| `zoomed` |"))

    clone.types(page.take("sh"))

    assert (tmp_path / "docs" / "reference" / "http-api.md").read_text().startswith("# HTTP API\n")
    assert table.read_text() == fresh
