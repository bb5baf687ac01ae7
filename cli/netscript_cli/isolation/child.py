"""A child process that runs code of plugins behind a guard, for as long as it keeps to what is agreed."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

from netscript_cli.isolation.answers import STRANGE, Answers, outcome_of
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_cli.supervisor import guard
from netscript_cli.supervisor.strays import no_strays

_PROGRAM: Final = "netscript_cli.isolation.child_program"
_START: Final = 60.0
_END: Final = 1.0
_SECONDS_TO_STOP: Final = "1"
_SECONDS_TO_END: Final = 10.0


class IsolatedProcess:
    """One process. At its end, and where we are killed, nothing that it started is left.

    Args:
        root: Where modules are imported from, before all others.
        probes: All that its tasks will name.
        variables: What it finds in the environment beside what is there.

    Attributes:
        is_usable: Whether it has started, and nothing has broken it since.
    """

    def __init__(self, root: Path, probes: Iterable[str], variables: Mapping[str, str]) -> None:
        self._root = root
        self._opening = {"root": str(root), "probes": sorted(probes)}
        self._variables = variables
        self._held = ExitStack()
        self._is_tainted = False  # it has run code of a plugin
        self.is_usable = False

    def __enter__(self) -> Self:
        """Start it; whether it has started is told by its first task."""
        with ExitStack() as held:
            held.enter_context(no_strays())
            ours, theirs = socket.socketpair()
            self._requests = held.enter_context(ours)
            ours.settimeout(_START)
            with theirs:
                self._process = self._started(held, theirs.fileno())
            held.callback(_end, self._process)
            assert self._process.stdout is not None  # noqa: S101 - it is a pipe
            self._answers = Answers(self._process.stdout, _ends_of(self._process, held))
            self.is_usable = self._send(self._opening) and self._answers.next(_START) == b"ready"
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, by force."""
        self._held.close()

    def done(self, tasks: Sequence[Task], seconds: float) -> Sequence[Outcome]:
        """Return what came of tasks, up to the first that breaks the process, which is not usable then.

        Where that is not the first of all, something of an earlier one may have done it: nothing is returned
        of it then, and another child is to begin with it.

        Args:
            tasks: Of any number of plugins.
            seconds: For each.
        """
        if not self.is_usable:
            return [Outcome(broken="was not imported: the process for that did not start")]
        marks = [secrets.token_hex(8) for _ in tasks]
        told = [
            {"probe": task.probe, "arguments": dict(task.arguments), "mark": mark}
            for task, mark in zip(tasks, marks, strict=True)
        ]
        self._send(told)  # one that has ended meanwhile gives no answers
        outcomes: list[Outcome] = []
        for task, mark in zip(tasks, marks, strict=True):
            outcome = self._outcome(task, mark, seconds)
            if self.is_usable or not self._is_tainted:
                outcomes.append(outcome)
            if not self.is_usable:
                break
            self._is_tainted = True
        return outcomes

    def _outcome(self, task: Task, mark: str, seconds: float) -> Outcome:
        line = self._answers.next(seconds)
        outcome = outcome_of(line, mark, task.form) if line else self._why_not(seconds, has_hung=line is None)
        self.is_usable = bool(line) and outcome is not STRANGE
        return outcome

    def _started(self, held: ExitStack, requests: int) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-P", "-B", "-m", _PROGRAM, str(requests))
        return held.enter_context(
            subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-I", "-S", guard.__file__, _SECONDS_TO_STOP, *command],
                cwd=self._root,
                env={**os.environ, **self._variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(requests,),
                start_new_session=True,
            )
        )

    def _send(self, document: object) -> bool:
        try:
            self._requests.sendall(json.dumps(document).encode() + b"\n")
        except OSError:
            return False
        return True

    def _why_not(self, limit: float, *, has_hung: bool) -> Outcome:
        if has_hung:
            return Outcome(broken=f"did not end within {limit:g} s", hung=True)
        try:
            code = self._process.wait(_END)
        except subprocess.TimeoutExpired:
            return Outcome(broken="closes what does not belong to it, or leaves behind what does not stop")
        if code < 0:
            return Outcome(broken=f"ends the process by the signal {signal.strsignal(-code) or -code}")
        return Outcome(broken=f"ends the process, with exit code {code}")


def _ends_of(child: subprocess.Popen[bytes], held: ExitStack) -> Sequence[int]:
    """Return a descriptor that is readable when the child has ended, where there are such."""
    if sys.platform == "linux":
        with suppress(OSError):  # an old kernel
            descriptor = os.pidfd_open(child.pid)
            held.callback(os.close, descriptor)
            return [descriptor]
    return []


def _end(child: subprocess.Popen[bytes]) -> None:
    """Have the guard end everything by force, and then the guard, if it does not."""
    child.send_signal(signal.SIGQUIT)
    child.send_signal(signal.SIGCONT)
    try:
        child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
