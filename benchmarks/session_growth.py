"""Whether a check stays as cheap when there are more sessions: ``scripts/bench session_growth [--json]``.

``authenticate`` of kv-oauth, called in a loop, on stores of several sizes. Each check asks for a session at
random, and none has a use to record. 1.00 is the smallest store of its kind. The stores take turns, and each
number is the best of its rounds, since whatever else the machine does only adds. A million sessions take some
ten minutes to be put in, and about 3 GB of disk and as much memory.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks.serving.filling import fill
from benchmarks.serving.programs import auth_api
from netscript_auth_core.ports import AuthBackendPort, Authenticated, AuthRequest
from netscript_kernel.clock import SettableClock, SystemClock
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.opening import open_parts
from tests.support.valkey import running_valkey

SIZES: Final = (1_000, 100_000, 1_000_000)
CHECKS: Final = 4_000
ROUNDS: Final = 25


class Contender:
    """One store of one size.

    Args:
        name: In the table.
        kind: Whose smallest one is 1.00.
        backend: Opened on it.
        tokens: Of all of its sessions.
    """

    def __init__(self, name: str, kind: str, backend: AuthBackendPort, tokens: Sequence[str]) -> None:
        self.name = name
        self.kind = kind
        self._backend = backend
        self._tokens = tokens
        self.best = float("inf")

    async def take_a_turn(self) -> None:
        """Check some sessions, and keep the time that one took, in microseconds, if it is the best."""
        requests = [AuthRequest((token,)) for token in random.choices(self._tokens, k=CHECKS)]
        started = time.perf_counter()
        for request in requests:
            if not isinstance(await self._backend.authenticate(request), Authenticated):
                raise LookupError("a session was put in and is not there")
        self.best = min(self.best, (time.perf_counter() - started) / CHECKS * 1e6)


@asynccontextmanager
async def _contenders(folder: Path, sizes: Sequence[int]) -> AsyncGenerator[list[Contender]]:
    async with AsyncExitStack() as stack:
        found: list[Contender] = []
        for size in sizes:
            place = folder / str(size)
            place.mkdir()
            redis_url = stack.enter_context(running_valkey(place)).url
            for kind, url in (("sqlite", f"sqlite:///{place}/auth.db"), ("redis", redis_url)):
                found.append(await stack.enter_async_context(_contender(kind, url, size, place)))
        yield found


@asynccontextmanager
async def _contender(kind: str, url: str, size: int, folder: Path) -> AsyncGenerator[Contender]:
    print(f"putting {size:,} sessions into {kind}", file=sys.stderr)
    # Stands still at the time before any session was used, so that no check has a use to record.
    clock = SettableClock(SystemClock().now())
    tokens = folder / f"{kind}.tokens"
    await fill(url, size, tokens)
    parts = await open_parts(read_configuration(auth_api(url).environment), clock=clock)
    try:
        await parts.backend.start()
        yield Contender(f"{kind}, {size:,}", kind, parts.backend, tokens.read_text().split())
    finally:
        await parts.aclose()


async def _run(folder: Path, sizes: Sequence[int], rounds: int) -> list[Contender]:
    async with _contenders(folder, sizes) as contenders:
        for _ in range(rounds):
            for contender in contenders:
                await contender.take_a_turn()
        return contenders


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench session_growth", description="Whether a session check stays as cheap."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many sessions are stored")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often the stores take turns")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contenders = asyncio.run(_run(Path(folder), options.sizes, options.rounds))
    smallest: dict[str, float] = {}
    for each in contenders:
        smallest.setdefault(each.kind, each.best)
    rows = {
        each.name: {"ratio": each.best / smallest[each.kind], "microseconds": each.best}
        for each in contenders
    }
    for name, row in rows.items():
        print(f"{name:<20}{row['ratio']:>6.2f}{row['microseconds']:>9.1f} us")
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
