"""When two entries of a workspace's list are the same."""

import os
import re
from pathlib import Path

from netscript_cli.workspace.paths import is_path


def key_of(root: Path, entry: str) -> str:
    """Return what two entries have in common if, and only if, they mean the same plugin."""
    return os.path.realpath(root / entry) if is_path(entry) else normalised(entry)


def normalised(distribution: str) -> str:
    """Return the name of a distribution as installers compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
