"""Writes a file of a workspace: whoever reads it meanwhile, and a power cut, finds the old or the new one."""

import os
import stat
import tempfile
from pathlib import Path


def replace_file(file: Path, text: bytes) -> None:
    """Put new text in the place of a file that is there; permissions and owner stay.

    What a link leads to is changed, and the link stays.

    Raises:
        OSError: it is as it was.
    """
    target = file.resolve()
    before = target.stat()
    descriptor, made = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
            stream.flush()
            os.fsync(descriptor)
        Path(made).replace(target)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
