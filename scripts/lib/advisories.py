"""Asks the advisory services about every pin of requirements.lock, through pip-audit.

Exits with 0 where nothing is known against the pins, 1 where something is, and 75 where no service could be
asked. NETSCRIPT_REQUIRE_AUDIT=1 makes a pin that nobody was asked about a failure.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace import ROOT

# The index's own answers first; the other one covers where a mirror carries packages without advisories.
SERVICES = ("pypi", "osv")
NOT_ASKED = 75  # EX_TEMPFAIL of sysexits.h
ACCEPTED = Path(__file__).with_name("accepted_advisories.toml")


@dataclass(frozen=True)
class Answer:
    """What one service said: the advisories of each package, and the packages that it does not know."""

    advisories: dict[str, list[dict[str, Any]]]
    unknown: list[str]


def parse(report: str) -> Answer | None:
    """Read pip-audit's JSON; ``None`` where it is none, or where the service knew not a single package."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return None
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return None
    asked = [package for package in packages if "vulns" in package]
    return Answer({f"{package['name']} {package['version']}": package["vulns"] for package in asked}, unknown)


def ask() -> Answer | None:
    """Ask the services in turn until one answers."""
    lock = str(ROOT / "requirements.lock")
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", lock]
    for service in SERVICES:
        options = ["--progress-spinner", "off", "--format", "json", "--vulnerability-service", service]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if answer := parse(done.stdout):
            return answer
    return None


def judge(answer: Answer, accepted: list[dict[str, str]]) -> list[str]:
    """Everything that somebody has to look at, each as a sentence."""
    reasons = {entry["id"] for entry in accepted}
    met: set[str] = set()
    found: list[str] = []
    for package, advisories in answer.advisories.items():
        for advisory in advisories:
            names = {advisory["id"], *advisory.get("aliases", ())}
            met |= names & reasons
            if not names & reasons:
                fixed = ", ".join(advisory["fix_versions"]) or "no version"
                found.append(f"{package}: {advisory['id']}, mended by {fixed}")
    unmet = sorted(reasons - met)
    return found + [f"{ACCEPTED.name} names {name}, which no pin has any more: remove it" for name in unmet]


def main() -> int:
    """Ask, judge, and say what came of it."""
    required = os.environ.get("NETSCRIPT_REQUIRE_AUDIT") == "1"
    answer = ask()
    if answer is None:
        sys.stdout.write(f"NOT CHECKED: no advisory service answered (asked: {', '.join(SERVICES)})\n")
        return 1 if required else NOT_ASKED
    if answer.unknown:
        sys.stdout.write(f"NOT CHECKED, unknown to the service: {', '.join(answer.unknown)}\n")
    found = judge(answer, tomllib.loads(ACCEPTED.read_text())["accepted"])
    sys.stdout.writelines(f"{sentence}\n" for sentence in found)
    return bool(found or (required and answer.unknown))


if __name__ == "__main__":
    sys.exit(main())
