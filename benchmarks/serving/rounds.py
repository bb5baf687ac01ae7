"""Asks the servers in turns, and compares what each did within a round."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.serving.load import Load, Measured
from benchmarks.serving.targets import Target

CONNECTIONS = 32
ROUNDS = 5
SECONDS = 4.0
WARM_UP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """What was measured.

    Attributes:
        limit: Name of the server that the others are compared with.
        measured: For each round, by name of the server.
    """

    limit: str
    measured: Sequence[dict[str, Measured]]

    def ratio(self, name: str) -> float:
        """Answers per second as a share of the limit's: the median over the rounds."""
        return statistics.median(
            each[name].per_second / each[self.limit].per_second for each in self.measured
        )

    def p99_ratio(self, name: str) -> float:
        """The 99th percentile of the latency as a multiple of the limit's: the median over the rounds."""
        return statistics.median(each[name].p99_ms / each[self.limit].p99_ms for each in self.measured)

    def per_second(self, name: str) -> float:
        """Answers per second: the median over the rounds."""
        return statistics.median(each[name].per_second for each in self.measured)

    def p99_ms(self, name: str) -> float:
        """The 99th percentile of the latency: the median over the rounds."""
        return statistics.median(each[name].p99_ms for each in self.measured)


def processors() -> tuple[int, int]:
    """Return the processor of the servers and the one of what asks them."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        raise SystemExit("two processors are needed: one for a server, one for what asks it")
    return available[0], available[1]


def measure(targets: Sequence[Target], limit: Target, processor: int, rounds: int = ROUNDS) -> Rounds:
    """Ask all targets in turns, from a processor of the asker's own."""
    for target in targets:
        _ask(target, WARM_UP_SECONDS, 0, processor)
    measured = [
        {target.name: _ask(target, SECONDS, seed, processor) for target in targets}
        for seed in range(1, rounds + 1)
    ]
    return Rounds(limit.name, measured)


def run_load(load: Load, processor: int) -> Measured:
    """Ask one server, from a processor of the asker's own."""
    command = [sys.executable, "-m", "benchmarks.serving.load", json.dumps(asdict(load))]
    ran = subprocess.run(
        ["taskset", "--cpu-list", str(processor), *command], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise SystemExit(f"port {load.port} could not be asked: {ran.stderr.strip()}")
    return Measured(**json.loads(ran.stdout))


def _ask(target: Target, seconds: float, seed: int, processor: int) -> Measured:
    load = Load(
        port=target.port,
        path=target.path,
        host=target.host,
        headers_file=str(target.headers_file),
        expected=target.expected,
        seconds=seconds,
        connections=CONNECTIONS,
        seed=seed,
    )
    return run_load(load, processor)
