"""Reads files that somebody else may have made: one that never ends, or never begins, holds nobody up."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 1024 * 1024
"""Bytes of a file that people write."""

# A pipe that nobody writes to is opened at once by O_NONBLOCK; no terminal becomes ours by O_NOCTTY.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def read_foreign(file: Path, largest: int = LARGEST) -> bytes:
    """Return what stands in a file, at once.

    Args:
        file: A link is followed.
        largest: In bytes.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger; ``strerror`` says which, in words.
    """
    _refuse_irregular(file, file.stat())  # opening a device may already do something
    with open(os.open(file, _FLAGS), "rb") as stream:  # noqa: PTH123 - of a descriptor
        _refuse_irregular(file, os.fstat(stream.fileno()))
        text = stream.read(largest + 1)
    if len(text) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest} bytes", str(file))
    return text


def _refuse_irregular(file: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(file))
