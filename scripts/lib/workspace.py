"""The members of the workspace, as the root's ``pyproject.toml`` lists them; run, it prints their folders.

Runs on a bare Python, before there is an environment.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def load_project(folder: Path) -> dict[str, Any]:
    """The ``pyproject.toml`` of a folder."""
    return tomllib.loads((folder / "pyproject.toml").read_text())


def member_folders(root: Path) -> list[str]:
    """Folders of the members, relative to the root."""
    folders: list[str] = load_project(root)["tool"]["uv"]["workspace"]["members"]
    return folders


if __name__ == "__main__":
    sys.stdout.write("\n".join(member_folders(ROOT)) + "\n")
