"""A program started as an operator starts it: by an environment alone. All its processes are in view."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE_SECONDS = 120.0
_MARK = "TESTS_STARTED_THIS"
_PAUSE_SECONDS = 0.02


class Program:
    """A running program, in a process group of its own; its output goes to files.

    Args:
        command: Program and arguments.
        environment: All that it gets, besides ``PATH``.
        folder: Where it runs, and where its output is kept.
    """

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> None:
        self._mark = secrets.token_hex(16)
        self._stdout, self._stderr = folder / f"{self._mark}.out", folder / f"{self._mark}.err"
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], _MARK: self._mark, **environment},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def stdout(self) -> str:
        """What it has written to standard output."""
        return _read(self._stdout)

    @property
    def lines(self) -> list[str]:
        """Whole lines of that: half of the last one may have been written so far."""
        return self.stdout.rpartition("\n")[0].splitlines()

    @property
    def stderr(self) -> str:
        """What it has written to standard error."""
        return _read(self._stderr)

    @property
    def main_id(self) -> int:
        """Its main process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How its main process ended; ``None`` while it has not."""
        return self._process.poll()

    def signal_main(self, kind: signal.Signals) -> None:
        """Signal the main process alone."""
        self._process.send_signal(kind)

    def signal_group(self, kind: signal.Signals) -> None:
        """Signal the whole process group, as a terminal does for Ctrl-C."""
        os.killpg(self._process.pid, kind)

    def wait(self) -> int:
        """Wait for the main process to end, and return its exit code."""
        return self._process.wait(PATIENCE_SECONDS)

    def process_ids(self) -> list[int]:
        """Return its processes and all their descendants, wherever those have moved."""
        mark = f"{_MARK}={self._mark}".encode()
        return [int(entry.name) for entry in Path("/proc").iterdir() if _is_alive_with(entry, mark)]

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to become true; fail with the output if it does not, or if the program ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if self.exit_code is not None or time.monotonic() > deadline:
                raise AssertionError(
                    f"{what}: not so (exit code {self.exit_code})\n{self.stdout}{self.stderr}"
                )
            time.sleep(_PAUSE_SECONDS)

    def wait_until_gone(self) -> None:
        """Wait for the last of its processes to end."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := self.process_ids():
            assert time.monotonic() < deadline, f"still there: {left}\n{self.stdout}{self.stderr}"
            time.sleep(_PAUSE_SECONDS)

    def kill(self) -> None:
        """End what is left of it by force."""
        for process_id in self.process_ids():
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)
        self.wait_until_gone()


@contextmanager
def started(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path
) -> Generator[Program]:
    """Start a program, and let nothing of it outlive the block."""
    program = Program(command, environment, folder)
    try:
        yield program
    finally:
        program.kill()


def _read(file: Path) -> str:
    # While it is written, half of the last character may be there.
    return file.read_text(errors="replace")


def _is_alive_with(entry: Path, mark: bytes) -> bool:
    if not entry.name.isdecimal():
        return False
    with suppress(OSError):  # it has ended, or is somebody else's
        # A zombie has no environment any more.
        return mark in (entry / "environ").read_bytes().split(b"\0")
    return False
