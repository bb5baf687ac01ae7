"""What a proxy's question costs: ``scripts/bench forward_auth [--json] [--sessions N] [--rounds N]``.

``GET /verify`` of auth-api, in the production profile, on SQLite and on Redis, and with answers that are
given again for ten seconds, asked by 1,000 people. 1.00 is an ASGI callable on the same server that answers
the very same status, headers and body and does nothing else. nginx, where it is installed, gives an answer of
its own with one process: what there is to gain by any server.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.serving import targets
from benchmarks.serving.filling import fill, use
from benchmarks.serving.rounds import ROUNDS, Rounds, measure, processors
from benchmarks.serving.targets import SESSION_COOKIE, Question, Target
from tests.support.valkey import running_valkey

SESSIONS = 100_000
VERIFY = Question("/api/v1/auth/verify", "x-auth-request-user: usr_")


@contextmanager
def _running(folder: Path, sessions: int) -> Generator[tuple[Target, list[Target], list[Target]]]:
    """Run the limit, ours by store, and nginx if there is one."""
    processor, _ = processors()
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_valkey(folder)).url
        ours: list[Target] = []
        for store, url in (("sqlite", f"sqlite:///{folder}/auth.db"), ("redis", redis_url)):
            tokens, headers = folder / f"{store}.tokens", folder / f"{store}.txt"
            asyncio.run(fill(url, sessions, tokens))
            found = tokens.read_text().split()
            headers.write_text("".join(f"cookie: {SESSION_COOKIE}={token}\n" for token in found))
            asyncio.run(use(url, found))
            ours.append(stack.enter_context(targets.auth_api(store, url, headers, processor, VERIFY)))
        again = targets.auth_api_again(
            f"sqlite:///{folder}/auth.db", folder / "sqlite.txt", processor, VERIFY
        )
        ours.append(stack.enter_context(again))
        limit = stack.enter_context(targets.raw_asgi(ours[0], folder, processor))
        nginx = stack.enter_context(targets.nginx(ours[0], folder, processor))
        yield limit, ours, [nginx] if nginx else []


def _table(rounds: Rounds, asked: list[Target]) -> str:
    lines = [f"{'':<26}{'ratio':>8}{'per second':>12}{'p99':>10}{'p99 ratio':>11}"]
    lines += [
        f"{each.name:<26}{rounds.ratio(each.name):>8.3f}{rounds.per_second(each.name):>12,.0f}"
        f"{rounds.p99_ms(each.name):>7.1f} ms{rounds.p99_ratio(each.name):>11.2f}"
        for each in asked
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench forward_auth", description="What a proxy's question costs."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="how many are stored")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the servers take turns")
    options = parser.parse_args()
    _, asker = processors()
    with (
        tempfile.TemporaryDirectory() as name,
        _running(Path(name), options.sessions) as (limit, ours, others),
    ):
        asked = [limit, *ours, *others]
        rounds = measure(asked, limit, asker, options.rounds)
    print(f"{options.sessions:,} sessions, median of {options.rounds} rounds")
    print(_table(rounds, asked))
    if options.json:
        stores = dict(zip(("sqlite", "redis", "again"), (each.name for each in ours), strict=True))
        numbers = {
            store: {"ratio": round(rounds.ratio(name), 3), "p99_ratio": round(rounds.p99_ratio(name), 2)}
            for store, name in stores.items()
        }
        print(json.dumps(numbers))


if __name__ == "__main__":
    main()
