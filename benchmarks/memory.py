"""What many sessions take: ``scripts/bench memory [--json] [--sessions N]``.

The memory of an auth-api worker after 100,000 checks of random sessions of a large store; 1.00 is the same on
a store with 1,000. And what the store itself takes for each session. The million of the default takes some
ten minutes to be put in, 2 GB of disk and as much memory. ``session_growth`` tells the time of a check.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from redis import Redis

from benchmarks.serving import targets
from benchmarks.serving.filling import fill
from benchmarks.serving.load import Load
from benchmarks.serving.processes import resident_mib, serving_at
from benchmarks.serving.rounds import processors, run_load
from benchmarks.serving.targets import SESSION_COOKIE
from tests.support.valkey import running_valkey

FEW: Final = 1_000
SESSIONS: Final = 1_000_000
_CHECKS: Final = 100_000
_MIB: Final = 1024 * 1024


@contextmanager
def _store(kind: str, folder: Path) -> Generator[tuple[str, str]]:
    """Run a store; yield its URL, and how to learn its size."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/auth.db", ""
        return
    with running_valkey(folder) as server:
        yield server.url, server.url


def _size_mib(folder: Path, redis_url: str) -> float:
    if not redis_url:
        return sum(each.stat().st_size for each in folder.glob("auth.db*")) / _MIB
    client: Any = Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType] - redis-py's types
    with client:
        return int(client.info("memory")["used_memory"]) / _MIB


def _measure(kind: str, sessions: int, checks: int, folder: Path) -> tuple[float, float]:
    """Return MiB of the worker and of the store."""
    folder.mkdir()
    server, asker = processors()
    with _store(kind, folder) as (url, redis_url):
        empty = _size_mib(folder, redis_url)
        tokens, headers = folder / "tokens", folder / "headers"
        asyncio.run(fill(url, sessions, tokens))
        size = _size_mib(folder, redis_url) - empty
        with tokens.open() as file, headers.open("w") as written:
            written.writelines(f"cookie: {SESSION_COOKIE}={token}" for token in file)
        with targets.auth_api(kind, url, headers, server) as ours:
            load = Load(
                ours.port, ours.path, ours.host, str(headers), ours.expected, 600.0, 32, 0, most=checks
            )
            run_load(load, asker)
            return max(resident_mib(each) for each in serving_at(ours.port)), size


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench memory", description="What many sessions take of memory and disk."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="how many are stored")
    parser.add_argument("--checks", type=int, default=_CHECKS, help="how many are asked about")
    options = parser.parse_args()
    print(f"{'':<22}{'worker':>12}{'ratio':>8}{'store':>12}{'a session':>14}")
    numbers: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "redis"):
            least, _ = _measure(kind, FEW, options.checks, Path(name) / f"{kind}-few")
            worker, store = _measure(kind, options.sessions, options.checks, Path(name) / f"{kind}-many")
            each = store * _MIB / options.sessions
            name_of_row = f"{kind}, {options.sessions:,}"
            numbers[name_of_row] = {"ratio": round(worker / least, 3), "bytes": round(each)}
            row = f"{worker:>8.0f} MiB{worker / least:>8.2f}{store:>8.0f} MiB{each:>8.0f} bytes"
            print(f"{name_of_row:<22}{row}")
    if options.json:
        print(json.dumps(numbers))


if __name__ == "__main__":
    main()
