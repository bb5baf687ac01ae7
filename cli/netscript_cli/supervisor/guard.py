"""Stands between the supervisor and one process, so that nothing of that process outlives either of them.

It is a program by itself, and imports nothing of ours, so that it is small and starts at once::

    python -I -S guard.py LIMIT COMMAND...

A stop (SIGTERM, or the end of its standard input, which means that the supervisor is gone) is passed on to
the command. After LIMIT seconds, or by SIGQUIT, the command is ended by force. When it has ended, so is
whatever it has started, wherever that has moved. The exit code is the command's.
"""

import ctypes
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from types import FrameType

_STOPS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_FORCE = signal.SIGQUIT
_GRACE_SECONDS = 2.0
_FORCE_SECONDS = 5.0
_CANNOT_BE_RUN = 127
_PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_INPUT, _OUTPUT = 0, 1


def main(words: list[str]) -> int:
    """Guard one command; return its exit code, negative for the signal that ended it."""
    limit, *command = words
    signals = _Signals()
    # What a descendant leaves behind becomes our child, and is found by that.
    ask_the_kernel(PR_SET_CHILD_SUBREAPER, 1)
    child = _start(command, signals)
    status = _watched(child, signals, float(limit))
    if status is None:
        status = _killed(child, signals)
    _end_rest(signals)
    return os.waitstatus_to_exitcode(status)


class _Signals:
    """Signals as they come, beside the end of the standard input, which is told as SIGTERM."""

    def __init__(self) -> None:
        self._told, write_end = os.pipe()
        self._watched = [_INPUT, self._told]
        os.set_blocking(self._told, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in (*_STOPS, _FORCE, signal.SIGCHLD):
            signal.signal(number, _take_note)

    def next(self, seconds: float | None) -> Iterator[int]:
        """Wait for signals, and yield them; none when time is up."""
        readable, _, _ = select.select(self._watched, [], [], seconds)
        if self._told in readable:
            yield from os.read(self._told, 512)
        if _INPUT in readable and not os.read(_INPUT, 512):
            self._watched.remove(_INPUT)
            yield signal.SIGTERM

    def reset(self) -> None:
        """Have the defaults again, in a process that begins."""
        signal.set_wakeup_fd(-1)
        for number in (*_STOPS, _FORCE, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)


def _take_note(number: int, frame: FrameType | None) -> None:
    """Be told through the pipe alone."""
    del number, frame


def _start(command: list[str], signals: _Signals) -> int:
    guard = os.getpid()
    child = os.fork()
    if child:
        # The end of the command's output is to mean that nobody of the command holds it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), _OUTPUT)
        return child
    try:
        signals.reset()
        ask_the_kernel(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == guard:
            os.dup2(os.open(os.devnull, os.O_RDONLY), _INPUT)
            os.execvp(command[0], command)  # noqa: S606 - there is to be no shell
    except OSError as error:
        sys.stderr.write(f"netscript: cannot run {command[0]}: {error.strerror}\n")
        sys.stderr.flush()
    finally:
        os._exit(_CANNOT_BE_RUN)


def _watched(child: int, signals: _Signals, limit: float) -> int | None:
    """Return how the command ended; ``None`` where it is to be ended by force."""
    deadline = None
    while (status := _reaped(child)) is None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return None
        told = set(signals.next(left))
        if _FORCE in told:
            return None
        if told & _STOPS and deadline is None:
            deadline = time.monotonic() + limit
            _signal([child], signal.SIGTERM)
    return status


def _killed(child: int, signals: _Signals) -> int:
    _signal([child, *descendants()], signal.SIGKILL)
    while (status := _reaped(child)) is None:
        for _ in signals.next(_FORCE_SECONDS):
            pass
    return status


def _end_rest(signals: _Signals) -> None:
    """Ask what is left to stop, then end it by force."""
    _signal(descendants(), signal.SIGTERM)
    _wait_for_none(signals, _GRACE_SECONDS)
    deadline = time.monotonic() + _FORCE_SECONDS
    # Again and again: it may have started something in the meantime.
    while (left := descendants()) and time.monotonic() < deadline:
        _signal(left, signal.SIGKILL)
        _wait_for_none(signals, 0.1)
    _reaped(0)  # nobody else may do so: not every first process of a container does


def _wait_for_none(signals: _Signals, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while descendants() and (left := deadline - time.monotonic()) > 0:
        # An end of a process that is no child of ours is told by nobody.
        if _FORCE in set(signals.next(min(left, 0.05))):
            return
        _reaped(0)


def _reaped(child: int) -> int | None:
    """Take note of all children that have ended; return how one of them did."""
    found = None
    with suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child and child:
                found = status
            if not ended:
                break
    return found


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for each in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, number)


def descendants(but: Container[int] = (), of: int | None = None) -> list[int]:
    """Return all processes below one that have not ended; none where there is no /proc.

    Args:
        but: Are left out, with all that is below them.
        of: Which one; this one where it is not said.
    """
    children: dict[int, list[int]] = {}
    for process, parent in _processes():
        if process in but:
            continue
        children.setdefault(parent, []).append(process)
    found, open_ends = list[int](), [os.getpid() if of is None else of]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found += below
        open_ends += below
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Yield each process with its parent, but those that have ended (proc_pid_stat(5))."""
    entries: list[str] = []
    if sys.platform == "linux":
        with suppress(OSError):  # where it is not mounted, what has hidden itself is not found
            entries = os.listdir("/proc")  # noqa: PTH208 - pathlib takes long to import
    for entry in filter(str.isdecimal, entries):
        with suppress(OSError):
            with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123 - likewise
                state, parent = file.read().rpartition(b")")[2].split()[:2]
            # Where the first of several threads has ended, the process looks as if it had, and runs on.
            if state != b"Z" or len(os.listdir(f"/proc/{entry}/task")) > 1:  # noqa: PTH208 - likewise
                yield int(entry), int(parent)


def ask_the_kernel(option: int, value: int) -> None:
    """Set an attribute of this process (prctl(2)), where there are such."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _end_like(code: int) -> int:
    """End as the command did; by the same signal, if it was one."""
    if code >= 0:
        return code
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # SIGKILL has no handler to set
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    return 128 - code


if __name__ == "__main__":
    sys.exit(_end_like(main(sys.argv[1:])))
