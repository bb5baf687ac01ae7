"""Runs tasks in a child, and in the next one where one of them broke it: no plugin breaks another."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from netscript_cli.isolation.answers import STRANGE, Answers, outcome_of
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_cli.supervisor import guard
from netscript_cli.supervisor.strays import no_strays

LIMIT: Final = timedelta(seconds=10)
"""For each task: importing a plugin and all that it imports, or one of its checks."""

_CHILD: Final = "netscript_cli.isolation.child"
_START: Final = 60.0
_END: Final = 1.0
_SECONDS_TO_STOP: Final = "1"
_SECONDS_TO_END: Final = 10.0
_NOT_TRIED: Final = Outcome(broken="was not tried, since an earlier look at it did not end", hung=True)


def run_tasks(
    root: Path,
    tasks: Sequence[Task],
    limit: timedelta = LIMIT,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Outcome, ...]:
    """Do all tasks, and return what came of each, in their order.

    Args:
        root: Where modules are imported from, before all others.
        tasks: Of any number of plugins.
        limit: For each; the process and all that it started are killed then.
        variables: What they find in the environment beside what is there.
    """
    done: dict[int, Outcome] = {}
    hung: set[str] = set()
    while pending := [at for at in range(len(tasks)) if at not in done and tasks[at].owner not in hung]:
        outcomes = _in_one_child(root, [tasks[at] for at in pending], limit, variables)
        for at, outcome in zip(pending, outcomes, strict=False):
            done[at] = outcome
            if outcome.hung:
                hung.add(tasks[at].owner)
    return tuple(done.get(at, _NOT_TRIED) for at in range(len(tasks)))


def _in_one_child(
    root: Path, tasks: Sequence[Task], limit: timedelta, variables: Mapping[str, str]
) -> Iterator[Outcome]:
    """Yield what came of tasks, up to the first that breaks the child.

    Where that is not the first of all, something of an earlier one may have done it: nothing is yielded
    of it then, and the next child begins with it.
    """
    seconds = limit.total_seconds()
    marks = [secrets.token_hex(8) for _ in tasks]
    request = _request(root, tasks, marks)
    with _child(root, variables, request) as child, _end_of(child) as ends:
        assert child.stdout is not None  # noqa: S101 - it is a pipe
        answers = Answers(child.stdout, ends)
        if answers.next(_START) != b"ready":
            yield Outcome(broken="was not imported: the process for that did not start")
            return
        for at, (task, mark) in enumerate(zip(tasks, marks, strict=True)):
            if line := answers.next(seconds):
                outcome = outcome_of(line, mark, task.form)
            else:
                outcome = _why_not(child, seconds, has_hung=line is None)
            is_broken = not line or outcome is STRANGE
            if is_broken and at and not outcome.hung:
                return
            yield outcome
            if is_broken:
                return


def _request(root: Path, tasks: Iterable[Task], marks: Iterable[str]) -> bytes:
    told = [
        {"probe": task.probe, "arguments": dict(task.arguments), "mark": mark}
        for task, mark in zip(tasks, marks, strict=True)
    ]
    return json.dumps({"root": str(root), "tasks": told}).encode()


@contextmanager
def _child(root: Path, variables: Mapping[str, str], request: bytes) -> Generator[subprocess.Popen[bytes]]:
    """Start a child behind a guard; at the end, and where we are killed, nothing that it started is left."""
    with tempfile.TemporaryFile() as file, no_strays():
        file.write(request)
        file.seek(0)
        command = (sys.executable, "-P", "-B", "-m", _CHILD, str(file.fileno()))
        with subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-I", "-S", guard.__file__, _SECONDS_TO_STOP, *command],
            cwd=root,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(file.fileno(),),
            start_new_session=True,
        ) as child:
            try:
                yield child
            finally:
                _end(child)


@contextmanager
def _end_of(child: subprocess.Popen[bytes]) -> Generator[Sequence[int]]:
    """Yield a descriptor that is readable when the child has ended, where there are such."""
    descriptors: list[int] = []
    if sys.platform == "linux":
        with suppress(OSError):  # an old kernel
            descriptors.append(os.pidfd_open(child.pid))
    try:
        yield descriptors
    finally:
        for each in descriptors:
            os.close(each)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Have the guard end everything by force, and then the guard, if it does not."""
    child.send_signal(signal.SIGQUIT)
    child.send_signal(signal.SIGCONT)
    try:
        child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def _why_not(child: subprocess.Popen[bytes], limit: float, *, has_hung: bool) -> Outcome:
    if has_hung:
        return Outcome(broken=f"did not end within {limit:g} s", hung=True)
    try:
        code = child.wait(_END)
    except subprocess.TimeoutExpired:
        return Outcome(broken="closes what does not belong to it, or leaves behind what does not stop")
    if code < 0:
        return Outcome(broken=f"ends the process by the signal {signal.strsignal(-code) or -code}")
    return Outcome(broken=f"ends the process, with exit code {code}")
