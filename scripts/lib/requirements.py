"""Prints what the members and the development group require, without the members themselves.

An editable line in the lock would carry a path of this machine, so members stay out of it.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def requirements() -> set[str]:
    """Every requirement of every member with all its extras, of the build, and of development."""
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: set[str] = set(root["dependency-groups"]["dev"])
    for folder in root["tool"]["uv"]["workspace"]["members"]:
        member = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())
        found.update(member["project"]["dependencies"])
        for extra in member["project"].get("optional-dependencies", {}).values():
            found.update(extra)
        found.update(member["build-system"]["requires"])
    return {line for line in found if not line.startswith("netscript-")}


if __name__ == "__main__":
    sys.stdout.write("\n".join(sorted(requirements())) + "\n")
