"""A file or folder that one process at a time has to itself."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

_MINE: Final = 0o600


class Holder(Enum):
    """Who has it."""

    US = auto()
    SOMEBODY_ELSE = auto()
    NOBODY = auto()
    """It cannot be had, as on Windows and on some network drives."""


@dataclass(frozen=True, slots=True)
class FileLock:
    """What came of asking for a file or folder.

    Attributes:
        holder: Who has it.
        descriptor: Of what is held, open unless nobody can have it.
    """

    holder: Holder
    descriptor: int = -1

    def wait(self) -> None:
        """Wait until somebody else has it no more, and hold it then.

        Raises:
            OSError: it cannot be held.
        """
        import fcntl

        fcntl.flock(self.descriptor, fcntl.LOCK_EX)


@contextmanager
def file_lock(path: Path, *, is_made: bool = False) -> Generator[FileLock]:
    """Hold a file or folder while the block lasts, unless somebody else does.

    The system gives it back when this process ends, however that is.

    Args:
        path: Of it.
        is_made: Whether it is a file to write to, which is made where there is none.
    """
    descriptor: int | None = None
    with suppress(OSError):
        descriptor = _opened(path, is_made=is_made)
    try:
        yield FileLock(Holder.NOBODY) if descriptor is None else _tried(descriptor)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _opened(path: Path, *, is_made: bool) -> int | None:
    if os.name == "nt":
        return None
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW if is_made else os.O_RDONLY, _MINE)


def _tried(descriptor: int) -> FileLock:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return FileLock(Holder.SOMEBODY_ELSE, descriptor)
    except OSError:
        return FileLock(Holder.NOBODY)
    return FileLock(Holder.US, descriptor)
