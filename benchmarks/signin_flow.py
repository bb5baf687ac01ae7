"""What a whole sign-in costs: ``scripts/bench signin_flow [--json] [--seconds N] [--rounds N]``.

From ``/signin`` over the development provider and ``/callback`` to the session cookie, eight at a time. 1.00
is the least OAuth client on the same server: it goes through the same steps, asks the same provider for
tokens, and checks and keeps nothing. Compared is the time of the processor that a server spends for each
sign-in, since the provider and what asks share the other processor and are slower than either.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.serving import programs, targets
from benchmarks.serving.processes import cpu_seconds, serving_at
from benchmarks.serving.rounds import ROUNDS, processors
from benchmarks.soaking.wire import Connection
from tests.support.auth_api_process import API, CALLBACK, SESSION_COOKIE
from tests.support.dev_provider import run_dev_provider
from tests.support.ports import unused_port
from tests.support.valkey import running_valkey

_AT_ONCE: Final = 8
_SECONDS: Final = 10.0
_HOST: Final = "localhost"
_LIMIT: Final = "least client"


@dataclass(frozen=True, slots=True)
class Contender:
    """A client of a provider.

    Attributes:
        port: On 127.0.0.1.
        provider_port: Of its provider.
    """

    name: str
    port: int
    provider_port: int

    async def sign_in(self, ours: Connection, provider: Connection) -> None:
        """Go all the way.

        Raises:
            RuntimeError: nobody is signed in at the end.
        """
        begun = await ours.ask("GET", f"{API}/signin?loginHint=alice")
        flow = "; ".join(f"{name}={value}" for name, value in begun.cookies().items())
        there = urlsplit(begun.header("location") or "")
        back = await provider.ask("GET", f"{there.path}?{there.query}")
        here = urlsplit(back.header("location") or "")
        headers = {"cookie": flow} if flow else {}
        done = await ours.ask("GET", f"{here.path}?{here.query}", headers)
        if SESSION_COOKIE not in done.cookies():
            raise RuntimeError(f"{self.name} signed nobody in: {done.status} {done.body[:500]!r}")

    async def sign_many_in(self, seconds: float) -> tuple[int, float]:
        """Return how many signed in, and the seconds that a processor spent on it."""
        workers, until = serving_at(self.port), time.monotonic() + seconds
        before = sum(cpu_seconds(each) for each in workers)
        counts = await asyncio.gather(*(self._go_on(until) for _ in range(_AT_ONCE)))
        return sum(counts), sum(cpu_seconds(each) for each in workers) - before

    async def _go_on(self, until: float) -> int:
        ours = Connection(self.port, f"{_HOST}:{self.port}")
        provider = Connection(self.provider_port, f"localhost:{self.provider_port}")
        count = 0
        try:
            while time.monotonic() < until:
                await self.sign_in(ours, provider)
                count += 1
        finally:
            ours.close()
            provider.close()
        return count


@contextmanager
def _contender(name: str, kv_url: str, folder: Path) -> Generator[Contender]:
    """Run a provider and its client, which is auth-api where a store is named."""
    server, _ = processors()
    port, provider_port, secret = unused_port(), unused_port(), secrets.token_urlsafe(32)
    url, issuer = f"http://{_HOST}:{port}", f"http://localhost:{provider_port}"
    folder.mkdir()
    program = (
        programs.auth_api_for_development(kv_url, url, issuer, secret)
        if kv_url
        else programs.raw_client(f"{url}{CALLBACK}", issuer, secret)
    )
    provider = run_dev_provider(folder, provider_port, f"{url}{CALLBACK}", secret, ["--auto-sign-in"])
    with provider, targets.serving(program, server, port):
        yield Contender(name, port, provider_port)


def _measure(seconds: float, rounds: int, folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_valkey(folder)).url
        stores = {_LIMIT: "", "sqlite": f"sqlite:///{folder}/auth.db", "redis": redis_url}
        contenders = [
            stack.enter_context(_contender(name, url, folder / name)) for name, url in stores.items()
        ]
        _, asker = processors()
        os.sched_setaffinity(0, {asker})
        for each in contenders:
            asyncio.run(each.sign_many_in(min(1.0, seconds)))
        for _ in range(rounds):
            for each in contenders:
                found.setdefault(each.name, []).append(asyncio.run(each.sign_many_in(seconds)))
    return found


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench signin_flow", description="What a whole sign-in costs."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="of a turn")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the servers take turns")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _measure(options.seconds, options.rounds, Path(name))
    costs = {
        name: statistics.median(cpu / count * 1000 for count, cpu in turns) for name, turns in found.items()
    }
    print(f"{'':<16}{'processor':>14}{'ratio':>8}{'per second':>12}")
    for name, turns in found.items():
        rate = statistics.median(count / options.seconds for count, _ in turns)
        print(f"{name:<16}{costs[name]:>11.2f} ms{costs[_LIMIT] / costs[name]:>8.3f}{rate:>12,.1f}")
    if options.json:
        rows = {name: {"ratio": round(costs[_LIMIT] / costs[name], 3)} for name in ("sqlite", "redis")}
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
