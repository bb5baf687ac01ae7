"""What comes back from a child: lines, each within a time, and what a line says of a task."""

import os
import select
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Any, Final

from pydantic import TypeAdapter, ValidationError

from netscript_cli.isolation.tasks import Outcome

STRANGE: Final = Outcome(broken="writes into what does not belong to it")

_OUTCOME: Final = TypeAdapter(Outcome)
_LARGEST: Final = 16 * 1024 * 1024
_PIECE: Final = 65536


def outcome_of(line: bytes, mark: str, form: TypeAdapter[Any]) -> Outcome:
    """Return what a line says; :data:`STRANGE` where it is not what a child writes.

    Args:
        line: Without its end.
        mark: Of the task that is due.
        form: Of its answer.
    """
    told, _, document = line.partition(b" ")
    if told != mark.encode():
        return STRANGE
    try:
        outcome = _OUTCOME.validate_json(document, strict=True)
        if outcome.broken is not None:
            return outcome
        return replace(outcome, answer=form.validate_python(outcome.answer))
    except ValidationError:
        return STRANGE


class Answers:
    """Lines from a pipe.

    Args:
        stream: The pipe.
        end: Descriptors that are readable when whoever writes has ended.
    """

    def __init__(self, stream: IO[bytes], end: Sequence[int]) -> None:
        self._end = end
        self._descriptor = stream.fileno()
        self._read = b""

    def next(self, limit: float) -> bytes | None:
        """Return a line; ``b""`` where pipe or child ended before, ``None`` where the time was over."""
        deadline = time.monotonic() + limit
        while b"\n" not in self._read:
            left = max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([self._descriptor, *self._end], [], [], left)
            if not ready:
                return None
            if self._descriptor not in ready:  # what it left behind holds the pipe
                return b""
            piece = os.read(self._descriptor, _PIECE)
            if not piece or len(self._read) > _LARGEST:
                return b""
            self._read += piece
        line, _, self._read = self._read.partition(b"\n")
        return line
