"""Writes files whole: whoever reads one meanwhile, and a power cut, finds the old or the new one."""

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_USUAL: Final = 0o666


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that is written whole, and stands beside the one whose place it is to take."""

    target: Path
    made: Path

    def take_place(self) -> None:
        """Become the file.

        Raises:
            OSError: it is as it was, and the draft is still there.
        """
        self.made.replace(self.target)

    def drop(self) -> None:
        """Leave nothing of a draft that did not become the file."""
        self.made.unlink(missing_ok=True)


def draft_of(file: Path, text: bytes, *, mode_of_a_new_one: int = _USUAL) -> Draft:
    """Write what is to take the place of a file, which may be there or not; permissions and owner stay.

    Args:
        file: What a link leads to is what will be changed, and the link stays.
        text: All that will be in it.
        mode_of_a_new_one: Permissions where it is not there yet, less what the umask takes away.

    Raises:
        OSError: nothing of it is left.
    """
    target = file.resolve()
    before = target.stat() if target.exists() else None
    descriptor, path = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name.lstrip('.')}.")
    draft = Draft(target, Path(path))
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
            if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode) if before else mode_of_a_new_one & ~_umask())
            stream.flush()
            os.fsync(descriptor)
    except BaseException:
        draft.drop()
        raise
    return draft


def replace_file(file: Path, text: bytes, *, mode_of_a_new_one: int = _USUAL) -> None:
    """Put new text in the place of a file, which may be there or not, as :func:`draft_of` does.

    Raises:
        OSError: it is as it was.
    """
    draft = draft_of(file, text, mode_of_a_new_one=mode_of_a_new_one)
    try:
        draft.take_place()
    except BaseException:
        draft.drop()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
