"""How soon auth-api answers, and what memory it keeps: ``scripts/bench cold_start [--json] [--no-peers]``.

Cold start: from starting the process to the first 200. 1.00 is a bare FastAPI application of one route on the
same server. Memory: what a worker process keeps after 100,000 requests; 1.00 is a worker with that bare
application. Starts take turns; each number is the median.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.serving import programs
from benchmarks.serving.load import Load
from benchmarks.serving.peers import install_peers
from benchmarks.serving.processes import children_of, resident_mib
from benchmarks.serving.programs import HOST, Program
from benchmarks.serving.rounds import processors, run_load
from tests.support.ports import unused_port

STARTS = 7
REQUESTS = 100_000
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Contender:
    """What is started.

    Attributes:
        path: What is asked for the first 200, and 100,000 times.
    """

    name: str
    program: Program
    path: str


@contextmanager
def _started(contender: Contender) -> Generator[tuple[int, int, float]]:
    """Start it; yield its port, its process and the seconds to its first answer."""
    port = unused_port()
    environment = {**os.environ, **contender.program.environment, "PORT": str(port)}
    begun = time.perf_counter()
    process = subprocess.Popen(
        contender.program.command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, contender.path):
            if process.poll() is not None or time.perf_counter() - begun > _PATIENCE_SECONDS:
                raise SystemExit(f"{contender.name} did not start")
            time.sleep(_PAUSE_SECONDS)
        yield port, process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.communicate()


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", path, headers={"host": HOST})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _seconds(contenders: list[Contender], starts: int) -> dict[str, float]:
    """Start all of them in turns, and return the median by name."""
    taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(starts):
        for contender in contenders:
            with _started(contender) as (_, _, seconds):
                taken[contender.name].append(seconds)
    return {name: statistics.median(each) for name, each in taken.items()}


def _resident_mib(contender: Contender, folder: Path, requests: int) -> float:
    """Return what the process that answers keeps in memory after many requests."""
    headers = folder / "headers.txt"
    headers.write_text("accept: */*\n")
    with _started(contender) as (port, process_id, _):
        load = Load(port, contender.path, HOST, str(headers), "", 600.0, 32, 0, most=requests)
        run_load(load, processors()[1])
        return max(resident_mib(each) for each in children_of(process_id) or [process_id])


def _relative(numbers: Mapping[str, float], name: str) -> dict[str, float]:
    return {each: number / numbers[name] for each, number in numbers.items()}


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench cold_start", description="Start and memory of auth-api."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--no-peers", action="store_true", help="leave out better-auth")
    parser.add_argument("--starts", type=int, default=STARTS, help="how often each is started")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="before its memory is looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = Contender("auth-api", programs.auth_api(f"sqlite:///{folder}/kv.db"), programs.SESSION_PATH)
        bare = Contender("bare FastAPI", programs.bare_fastapi(), "/")
        contenders = [bare, ours]
        if not options.no_peers:
            install_peers()
            contenders.append(Contender("better-auth", programs.better_auth(), "/api/auth/get-session"))
        seconds = _seconds(contenders, options.starts)
        memory = {each.name: _resident_mib(each, folder, options.requests) for each in (bare, ours)}
    starts, sizes = _relative(seconds, bare.name), _relative(memory, bare.name)
    print(f"{'':<16}{'cold start':>12}{'ratio':>8}{'memory':>12}{'ratio':>8}")
    for contender in contenders:
        row = f"{contender.name:<16}{seconds[contender.name] * 1000:>9.0f} ms{starts[contender.name]:>8.2f}"
        if contender.name in memory:
            row += f"{memory[contender.name]:>8.0f} MiB{sizes[contender.name]:>8.2f}"
        print(row)
    if options.json:
        print(json.dumps({"cold_start": round(starts[ours.name], 3), "memory": round(sizes[ours.name], 3)}))


if __name__ == "__main__":
    main()
