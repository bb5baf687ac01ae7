"""Runs gates: commands of plugins that have to succeed before a change is good."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from shutil import which
from typing import Final

from netscript_cli.running.output import Output
from netscript_cli.supervisor import guard
from netscript_cli.supervisor.strays import no_strays
from netscript_kernel.plugins.plan import PlannedGate

LIMIT: Final = timedelta(minutes=5)

_GUARD: Final = (sys.executable, "-I", "-S", guard.__file__)
_SECONDS_TO_STOP: Final = "5"
_SECONDS_TO_END: Final = 10.0
_SECONDS_FOR_REST: Final = 0.5


class Verdict(StrEnum):
    """What came of a gate."""

    PASSED = "passed"
    FAILED = "failed"
    TOO_SLOW = "too-slow"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Ran:
    """One gate that was run, or could not be.

    Attributes:
        verdict: What came of it.
        words: How that was, for people.
        seconds: How long it took.
        output: The end of what it wrote.
    """

    gate: PlannedGate
    verdict: Verdict
    words: str
    seconds: float = 0.0
    output: str = ""


def run_gates(
    gates: Sequence[PlannedGate], root: Path, variables: Mapping[str, str], limit: timedelta = LIMIT
) -> Iterator[Ran]:
    """Run gates one after the other, without a shell, and yield what came of each as it ends.

    Args:
        gates: Of a Plan.
        root: The workspace's folder, in which they run.
        variables: All that they get.
        limit: For each; it and all that it started is ended then.
    """
    for gate in gates:
        try:
            words = shlex.split(gate.command)
        except ValueError as error:
            yield Ran(gate, Verdict.NOT_RUN, f"cannot be run: its command cannot be split ({error})")
            continue
        why = _why_not_run(words, root, variables)
        yield Ran(gate, Verdict.NOT_RUN, why) if why else _run(gate, words, root, variables, limit)


def _why_not_run(words: Sequence[str], root: Path, variables: Mapping[str, str]) -> str | None:
    if not words:
        return "cannot be run: its command is empty"
    program = words[0]
    found = which(root / program) if os.sep in program else which(program, path=variables["PATH"])
    return None if found else f"cannot be run: there is no program {program}"


def _run(
    gate: PlannedGate, words: Sequence[str], root: Path, variables: Mapping[str, str], limit: timedelta
) -> Ran:
    begun = time.monotonic()
    with no_strays(), _guarded(words, root, variables) as process:
        output = Output(process)
        try:
            is_late = not output.read_until_exit(limit.total_seconds())
        finally:
            process.send_signal(signal.SIGQUIT)
            process.send_signal(signal.SIGCONT)  # it may have been stopped
            if not output.read_until_exit(_SECONDS_TO_END):
                process.kill()
        code = process.wait()
        output.read_rest(_SECONDS_FOR_REST)
    taken, text = time.monotonic() - begun, output.text()
    if is_late:
        return Ran(gate, Verdict.TOO_SLOW, f"did not end within {limit.total_seconds():g} s", taken, text)
    if code:
        return Ran(gate, Verdict.FAILED, f"ended with exit code {code}", taken, text)
    return Ran(gate, Verdict.PASSED, "passed", taken, text)


def _guarded(words: Sequence[str], root: Path, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start it. Its input stays open: the guard goes by that."""
    return subprocess.Popen(  # noqa: S603 - what the manifest says, without a shell
        [*_GUARD, _SECONDS_TO_STOP, *words],
        cwd=root,
        env=dict(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
