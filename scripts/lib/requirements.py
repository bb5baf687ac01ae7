"""Prints what the members and the development group require, without the members themselves.

An editable line in the lock would carry a path of this machine, so members stay out of it.
"""

import sys
from pathlib import Path

from workspace import ROOT, load_project, member_folders


def requirements(root: Path) -> set[str]:
    """Every requirement of every member with all its extras, of the build, and of development."""
    found: set[str] = set(load_project(root)["dependency-groups"]["dev"])
    for folder in member_folders(root):
        member = load_project(root / folder)
        found.update(member["project"]["dependencies"])
        for extra in member["project"].get("optional-dependencies", {}).values():
            found.update(extra)
        found.update(member["build-system"]["requires"])
    return {line for line in found if not line.startswith("netscript-")}


if __name__ == "__main__":
    sys.stdout.write("\n".join(sorted(requirements(ROOT))) + "\n")
