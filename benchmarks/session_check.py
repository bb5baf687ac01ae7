"""What a session check costs: ``scripts/bench session_check [--json] [--sessions N] [--no-peers]``.

``GET /session`` of auth-api, in the production profile, with 100,000 people whose sessions are in use, on
SQLite and on Redis. 1.00 is an ASGI callable on the same server that answers the very same status, headers
and body and does nothing else. One more auth-api gives answers again for ten seconds, asked by 1,000 people:
what that gains depends on how often one of them asks. Peers answer the same question in their own words:
better-auth, fastapi-users.

A server has one processor, what asks has another one. Within a round the servers take turns, so that whatever
else the machine does meets all of them; each number is the median over the rounds of the ratio in a round.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.filling import fill, use
from benchmarks.serving.peers import install_peers
from benchmarks.serving.rounds import CONNECTIONS, ROUNDS, Rounds, measure, processors
from benchmarks.serving.targets import (
    SESSION_COOKIE,
    Target,
    auth_api,
    auth_api_again,
    better_auth,
    fastapi_users,
    raw_asgi,
)
from tests.support.valkey import running_valkey

SESSIONS = 100_000
STORES = ("sqlite", "redis")


@dataclass(frozen=True, slots=True)
class Running:
    """The servers under comparison.

    Attributes:
        limit: The callable that only answers.
        ours: auth-api by the name of its store.
        again: auth-api that gives answers again.
        peers: Whatever else answers the question.
    """

    limit: Target
    ours: dict[str, Target]
    again: Target
    peers: tuple[Target, ...]

    @property
    def all(self) -> tuple[Target, ...]:
        """Every server, in the order in which they take turns."""
        return (self.limit, *self.ours.values(), self.again, *self.peers)


@contextmanager
def _running(folder: Path, sessions: int, *, with_peers: bool) -> Generator[Running]:
    processor, _ = processors()
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_valkey(folder)).url
        urls = {"sqlite": f"sqlite:///{folder}/auth.db", "redis": redis_url}
        ours: dict[str, Target] = {}
        for store in STORES:
            headers = _fill(urls[store], sessions, folder / f"{store}.txt")
            ours[store] = stack.enter_context(auth_api(store, urls[store], headers, processor))
        again = stack.enter_context(auth_api_again(urls["sqlite"], folder / "sqlite.txt", processor))
        limit = stack.enter_context(raw_asgi(ours["sqlite"], folder, processor))
        peers: list[Target] = []
        if with_peers:
            python = install_peers()
            peers.append(stack.enter_context(better_auth(folder, processor)))
            peers.append(stack.enter_context(fastapi_users(python, redis_url, folder, processor)))
        for store in STORES:
            asyncio.run(use(urls[store], (folder / f"{store}.tokens").read_text().split()))
        yield Running(limit, ours, again, tuple(peers))


def _fill(url: str, sessions: int, headers: Path) -> Path:
    print(f"putting {sessions:,} sessions into {url.partition(':')[0]}", file=sys.stderr)
    tokens = headers.with_suffix(".tokens")
    asyncio.run(fill(url, sessions, tokens))
    with headers.open("w") as file:
        file.writelines(f"cookie: {SESSION_COOKIE}={token}" for token in tokens.open())
    return headers


def _table(rounds: Rounds, running: Running) -> str:
    """Return the rows: ratio to the limit, to ours, answers per second, latency."""
    worst = min(rounds.ratio(target.name) for target in running.ours.values())
    lines = [f"{'':<26}{'ratio':>8}{'ours is':>10}{'per second':>12}{'p99':>10}{'p99 ratio':>11}"]
    for target in running.all:
        ratio = rounds.ratio(target.name)
        times = f"{worst / ratio:.1f} x" if target in running.peers else ""
        lines.append(
            f"{target.name:<26}{ratio:>8.3f}{times:>10}{rounds.per_second(target.name):>12,.0f}"
            f"{rounds.p99_ms(target.name):>7.1f} ms{rounds.p99_ratio(target.name):>11.2f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench session_check", description="What a session check costs."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="how many are stored")
    parser.add_argument("--no-peers", action="store_true", help="leave out better-auth and fastapi-users")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the servers take turns")
    options = parser.parse_args()
    _, asker = processors()
    with (
        tempfile.TemporaryDirectory() as name,
        _running(Path(name), options.sessions, with_peers=not options.no_peers) as running,
    ):
        rounds = measure(running.all, running.limit, asker, options.rounds)
    print(f"{options.sessions:,} sessions, {CONNECTIONS} connections, median of {options.rounds} rounds")
    print(_table(rounds, running))
    if options.json:
        numbers: dict[str, dict[str, float]] = {
            store: {
                "ratio": round(rounds.ratio(target.name), 3),
                "p99_ratio": round(rounds.p99_ratio(target.name), 2),
            }
            for store, target in running.ours.items()
        }
        numbers["again"] = {"ratio": round(rounds.ratio(running.again.name), 3)}
        worst = min(rounds.ratio(target.name) for target in running.ours.values())
        numbers["times"] = {peer.name: round(worst / rounds.ratio(peer.name), 1) for peer in running.peers}
        print(json.dumps(numbers))


if __name__ == "__main__":
    main()
