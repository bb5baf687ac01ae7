"""What is run: one process, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """One process.

    Attributes:
        name: Unique among those that run together; it stands in front of each line of the log.
        command: Program and arguments.
        environment: All of its variables.
        ready_url: Answers 200 as soon as the process is ready; ``None`` where nothing is to be asked.
        after: Names of those that have to be ready before this one starts.
        folder: Where it runs; where we are by default.
        tells_start: Whether it takes ``--started-fd`` and says by that when it has begun its work.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    ready_url: str | None = None
    after: tuple[str, ...] = ()
    folder: Path | None = None
    tells_start: bool = False
