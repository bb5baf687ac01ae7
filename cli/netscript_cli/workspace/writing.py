"""Writes a file of a workspace: whoever reads it meanwhile, and a power cut, finds the old or the new one."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

_USUAL: Final = 0o666


def replace_file(file: Path, text: bytes) -> None:
    """Put new text in the place of a file that is there; permissions and owner stay.

    What a link leads to is changed, and the link stays.

    Raises:
        OSError: it is as it was.
    """
    target = file.resolve()
    _write(target, text, target.stat())


def write_file(file: Path, text: bytes) -> None:
    """Write a file that is new, or put new text in its place as :func:`replace_file` does.

    Raises:
        OSError: it is as it was.
    """
    if file.exists():
        replace_file(file, text)
    else:
        _write(file, text, None)


def _write(target: Path, text: bytes, before: os.stat_result | None) -> None:
    descriptor, made = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
            if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode) if before else _USUAL & ~_umask())
            stream.flush()
            os.fsync(descriptor)
        Path(made).replace(target)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
