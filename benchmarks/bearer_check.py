"""What verifying a token costs a service: ``scripts/bench bearer_check [--json] [--rounds N]``.

A service behind ``AuthMiddleware`` with the authority of the mode ``local``: ES256 tokens of 1,000 people, of
which it has seen all before. 1.00 is an ASGI callable on the same server that gives the same answer unasked.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.serving import targets
from benchmarks.serving.rounds import CONNECTIONS, ROUNDS, measure, processors


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench bearer_check", description="What verifying a token costs a service."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the servers take turns")
    options = parser.parse_args()
    server, asker = processors()
    with (
        tempfile.TemporaryDirectory() as name,
        targets.bearer_service(Path(name), server) as ours,
        targets.raw_asgi(ours, Path(name), server) as limit,
    ):
        rounds = measure([limit, ours], limit, asker, options.rounds)
    print(f"{CONNECTIONS} connections, median of {options.rounds} rounds")
    print(f"{'':<26}{'ratio':>8}{'per second':>12}{'p99':>10}")
    for each in (limit, ours):
        numbers = f"{rounds.ratio(each.name):>8.3f}{rounds.per_second(each.name):>12,.0f}"
        print(f"{each.name:<26}{numbers}{rounds.p99_ms(each.name):>7.1f} ms")
    if options.json:
        print(json.dumps({"ratio": round(rounds.ratio(ours.name), 3)}))


if __name__ == "__main__":
    main()
