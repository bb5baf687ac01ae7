"""Checks, without a network, that requirements.lock pins what the members require."""

import re
import sys
from collections import defaultdict
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from requirements import requirements
from workspace import ROOT

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def _pins(lock: str) -> dict[str, set[Version]]:
    # A universal lock may pin one package twice, for different platforms.
    pins: dict[str, set[Version]] = defaultdict(set)
    for pin in PIN.finditer(lock):
        pins[canonicalize_name(pin["name"])].add(Version(pin["version"]))
    return pins


def faults(root: Path) -> list[str]:
    """Every requirement that the lock of a workspace does not satisfy, each as a sentence."""
    pins = _pins((root / "requirements.lock").read_text())
    found: list[str] = []
    for line in sorted(requirements(root)):
        wanted = Requirement(line)
        pinned = pins.get(canonicalize_name(wanted.name), set())
        if not pinned:
            found.append(f"{line} is not pinned: run scripts/lock")
        refused = [version for version in pinned if not wanted.specifier.contains(version, prereleases=True)]
        found += [f"{line} does not allow the pinned {version}: run scripts/lock" for version in refused]
    return found


if __name__ == "__main__":
    sentences = faults(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    sys.exit(bool(sentences))
