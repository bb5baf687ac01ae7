"""Whether auth-api stays right for long: ``scripts/bench soak [--minutes N] [--rate R] [--json]``.

Two workers on Valkey, a real OpenID provider, and clients that sign in, ask who is there, end sessions one by
one and everywhere, at 80 % of what they reach without a pace. Meanwhile the store is killed and started again
twice. Of each session it is known what the answer must be. Ends with 1 where an answer was wrong, where the
service failed otherwise than by a sound 503 while the store was away, or where the memory of a worker grows.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from benchmarks.soaking.report import as_json, as_table
from benchmarks.soaking.run import Plan, soak


def main() -> int:
    """Soak, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench soak", description="Whether auth-api stays right for long."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--rate", type=float, help="requests a second, instead of 80 %% of a saturation")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soaked = uvloop.run(soak(Path(folder), Plan(options.minutes * 60, options.rate)))
    print(as_table(soaked))
    if options.json:
        print(json.dumps(as_json(soaked)))
    return 1 if soaked.faults else 0


if __name__ == "__main__":
    sys.exit(main())
