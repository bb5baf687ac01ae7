"""The house rules that no tool checks: every member stands under the workspace's rules, and looks alike."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from members import faults
from workspace import ROOT, load_project, member_folders

MEMBERS = member_folders(ROOT)
PACKAGES = {folder: load_project(ROOT / folder)["project"]["name"].replace("-", "_") for folder in MEMBERS}
# They stand beside the floors of the house: neither has anything of the other members above or below it.
ASIDE = {"netscript_cli", "netscript_dev_provider"}


def _tool() -> dict[str, Any]:
    tool: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    return tool


def _contract(name_part: str) -> dict[str, Any]:
    contracts: list[dict[str, Any]] = _tool()["importlinter"]["contracts"]
    return next(contract for contract in contracts if name_part in contract["name"])


def _modules() -> list[Path]:
    return [path for folder, package in PACKAGES.items() for path in (ROOT / folder / package).rglob("*.py")]


def test_every_member_is_under_the_import_rules() -> None:
    assert set(_tool()["importlinter"]["root_packages"]) == set(PACKAGES.values())


def test_every_member_has_its_floor() -> None:
    layers: list[str] = _contract("Arrows point inward")["layers"]

    placed = {name.strip() for layer in layers for name in layer.split("|")}

    assert placed == set(PACKAGES.values()) - ASIDE


def test_the_service_may_import_no_adapter() -> None:
    adapters = {package for folder, package in PACKAGES.items() if folder.startswith("adapters/")}

    assert set(_contract("names no adapter")["forbidden_modules"]) == adapters


def test_the_type_checkers_and_uv_know_every_member() -> None:
    tool = _tool()

    assert set(MEMBERS) <= set(tool["mypy"]["mypy_path"])
    assert set(MEMBERS) <= set(tool["pyright"]["extraPaths"])
    assert {name.replace("-", "_") for name in tool["uv"]["sources"]} == set(PACKAGES.values())


def test_every_member_folder_of_the_tree_is_a_member() -> None:
    found = {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("*/pyproject.toml")}
    found |= {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("adapters/*/pyproject.toml")}

    assert found == set(MEMBERS)


def test_the_members_have_the_same_fields_and_pin_one_another() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize("folder", MEMBERS)
def test_a_member_is_its_package_its_readme_and_nothing_else(folder: str) -> None:
    package = PACKAGES[folder]

    kept = {path.name for path in (ROOT / folder).iterdir() if path.name not in {"dist", "__pycache__"}}

    assert kept == {package, "README.md", "pyproject.toml", "LICENSE"}
    assert (ROOT / folder / "LICENSE").resolve() == ROOT / "LICENSE"
    assert (ROOT / folder / package / "py.typed").exists()
    assert f"# {package.replace('_', '-')}" in (ROOT / folder / "README.md").read_text()


def test_files_are_named_after_what_they_hold() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

    assert [path for path in _modules() if vague & {path.stem, path.parent.name}] == []


def test_no_two_test_files_share_a_name() -> None:
    names = sorted((path.name, path) for path in (ROOT / "tests").rglob("test_*.py"))

    twins = [(one, other) for (a, one), (b, other) in itertools.pairwise(names) if a == b]

    assert twins == []
