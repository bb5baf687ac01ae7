"""Checks that the members of the workspace are alike: one version, one licence, pinned to one another."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from workspace import ROOT, load_project, member_folders

SHARED_FIELDS = ("version", "requires-python", "license", "license-files", "authors", "classifiers", "readme")


def _requirements(project: dict[str, Any]) -> Iterator[Requirement]:
    lines = [*project.get("dependencies", [])]
    for extra in project.get("optional-dependencies", {}).values():
        lines += extra
    return map(Requirement, lines)


def _differing_fields(members: dict[str, dict[str, Any]]) -> Iterator[str]:
    for field in SHARED_FIELDS:
        values = {folder: project.get(field) for folder, project in members.items()}
        first, *others = values.values()
        if first is None or any(value != first for value in others):
            listed = "; ".join(f"{folder}: {value!r}" for folder, value in values.items())
            yield f"{field} must be the same in every member, and is {listed}"


def _loose_pins(members: dict[str, dict[str, Any]]) -> Iterator[str]:
    versions = {project["name"]: project["version"] for project in members.values()}
    for folder, project in members.items():
        for requirement in _requirements(project):
            wanted = f"=={versions[requirement.name]}" if requirement.name in versions else None
            # A member's extra may name others of the same member; there is nothing to pin.
            if wanted and requirement.name != project["name"] and str(requirement.specifier) != wanted:
                yield f"{folder} requires {requirement}: members are pinned to one another, {wanted}"


def faults(root: Path) -> list[str]:
    """Everything in which the members of a workspace differ and should not, each as a sentence."""
    members = {folder: load_project(root / folder)["project"] for folder in member_folders(root)}
    return [*_differing_fields(members), *_loose_pins(members)]


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    sys.exit(bool(found))
