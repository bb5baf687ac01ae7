"""Runs every benchmark in turn and holds it against its goals: ``scripts/bench all [--short | --quick]``.

Takes an hour or two, and wants the machine for itself. ``--short`` takes about ten minutes: fewer rounds, and
no million sessions. ``--quick`` tries whether each runs, with little of everything: its numbers mean nothing.
Ends with 1 where a benchmark broke off, whatever the goals say.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.serving.goals import judged

# What each is told for a try, and what makes it print its last line as JSON.
QUICK: Final[dict[str, Sequence[str]]] = {
    "session_check": ("--sessions", "1000", "--rounds", "1", "--no-peers"),
    "forward_auth": ("--sessions", "1000", "--rounds", "1"),
    "bearer_check": ("--rounds", "1"),
    "signin_flow": ("--seconds", "2", "--rounds", "1"),
    "session_growth": ("--sizes", "100", "1000", "--rounds", "2"),
    "memory": ("--sessions", "2000", "--checks", "2000"),
    "cold_start": ("--no-peers", "--starts", "1", "--requests", "2000"),
    "command_start": ("--starts", "1"),
    "kv_read": (),
    "redis_read": (),
    "soak": ("--minutes", "0.1", "--rate", "200"),
}

SHORT: Final[dict[str, Sequence[str]]] = {
    "session_check": ("--rounds", "3"),
    "forward_auth": ("--rounds", "3"),
    "bearer_check": ("--rounds", "3"),
    "signin_flow": ("--seconds", "4", "--rounds", "3"),
    "session_growth": ("--sizes", "1000", "100000", "--rounds", "15"),
    "memory": ("--sessions", "50000", "--checks", "50000"),
    "cold_start": ("--starts", "5", "--requests", "50000"),
    "command_start": (),
    "kv_read": (),
    "redis_read": (),
    "soak": ("--minutes", "1"),
}


def _run(name: str, options: Sequence[str]) -> dict[str, Any] | None:
    """Run one, showing what it prints; return its numbers, or ``None`` where it broke off."""
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *options]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    *table, last = ran.stdout.splitlines() or [""]
    print("\n".join(table), flush=True)
    if ran.returncode != 0:
        print(f"{name} ended with {ran.returncode}", flush=True)
        return None
    numbers: dict[str, Any] = json.loads(last)
    return numbers


def main() -> int:
    """Run all, print one table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/bench all", description="Every benchmark and its goals.")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--short", action="store_true", help="in about ten minutes, without a million sessions")
    how.add_argument("--quick", action="store_true", help="only try whether each runs")
    options = parser.parse_args()
    told = QUICK if options.quick else SHORT if options.short else {}
    ran = {name: _run(name, told.get(name, ())) for name in QUICK}
    results = {name: numbers for name, numbers in ran.items() if numbers is not None}
    print("== goals" + (", of numbers that mean nothing" if options.quick else ""))
    print("\n".join(judged(results)))
    if options.json:
        print(json.dumps(results))
    return 1 if len(results) < len(ran) else 0


if __name__ == "__main__":
    sys.exit(main())
