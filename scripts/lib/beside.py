"""What was installed into ``.venv`` beside the lock; given an earlier lock, what only that one has.

Runs on a bare Python, and reads the environment's files alone: it may be broken. Prints a line for each: its
name, and for what was installed beside also what to give to ``pip install`` to have it again.
"""

import json
import re
import shlex
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from workspace import ROOT, load_project, member_folders

_LOCK = ROOT / "requirements.lock"


def main() -> None:
    """Print what is asked for."""
    if len(sys.argv) > 1:
        lines = sorted(_locked(Path(sys.argv[1])) - _locked(_LOCK))
    else:
        lines = sorted(f"{each.name} {_again(each)}" for each in _beside())
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _beside() -> list[Distribution]:
    members = {_plain(load_project(ROOT / folder)["project"]["name"]) for folder in member_folders(ROOT)}
    ours = _locked(_LOCK) | members
    folders = [str(folder) for folder in ROOT.glob(".venv/lib/python*/site-packages")]
    return [
        each for each in distributions(path=folders) if _is_wanted(each) and _plain(each.name) not in ours
    ]


def _locked(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", lock.read_text(), re.MULTILINE)) if lock.exists() else set()


def _is_wanted(distribution: Distribution) -> bool:
    """Whether somebody asked for it by name; what it requires comes with it."""
    return distribution.read_text("REQUESTED") is not None


def _again(distribution: Distribution) -> str:
    """Return what to give to ``pip install``: where it came from (PEP 610), else its version."""
    origin: dict[str, Any] = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin:
        return f"{distribution.name}=={distribution.version}"
    url: str = origin["url"]
    parts = urlsplit(url)
    place = shlex.quote(unquote(parts.path) if parts.scheme == "file" else url)
    return f"-e {place}" if origin.get("dir_info", {}).get("editable") else place


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
