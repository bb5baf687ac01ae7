"""Where the file lies: made private before the first byte is written, refused when it cannot serve."""

import os
from pathlib import Path

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.sqlite.failures import STORE

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


def prepare_file(path: Path) -> Path:
    """Make the file, mode 0600, and its folder, mode 0700, where they are missing.

    Returns:
        The path, absolute and without symbolic links.

    Raises:
        StoreUnavailableError: there can be no writable file at the path. The sentence says why.
    """
    try:
        resolved = path.resolve()
        _make_folder(resolved.parent)
        _make_file(resolved)
    except FileExistsError as error:
        problem = f"{error.filename} is a file where a folder should be; name a path below folders"
        raise _refusal(path, problem) from error
    except PermissionError as error:
        raise _refusal(path, "this user may not make it; change the folder's owner or mode") from error
    except (OSError, RuntimeError) as error:
        raise _refusal(path, f"it cannot be made: {error}") from error
    _check_usable(resolved)
    return resolved


def is_same_file(path: Path, identity: tuple[int, int]) -> bool:
    """Tell whether the path still names the file that had this identity."""
    try:
        return file_identity(path) == identity
    except OSError:
        return False


def file_identity(path: Path) -> tuple[int, int]:
    """Return what stays the same for a file for as long as it exists."""
    status = path.stat()
    return status.st_dev, status.st_ino


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    _sync_folder(folder.parent)


def _make_file(path: Path) -> None:
    # An existing database is never opened here: closing any descriptor of a file drops the locks that this
    # process holds on it (POSIX fcntl), those of SQLite's other connections among them.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE_FILE))
    except FileExistsError:
        return
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # SQLite syncs the folder for files that it makes itself; this one it finds made.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_usable(path: Path) -> None:
    if path.is_dir():
        raise _refusal(path, f"it is a folder; name a file in it, such as {path / 'kv.db'}")
    if not path.is_file():
        raise _refusal(path, "it is no regular file")
    if not os.access(path, os.R_OK | os.W_OK):
        raise _refusal(path, "this user may not read and write it; change its owner or mode")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _refusal(path, "this user may not write its folder, where SQLite keeps a log beside the file")


def _refusal(path: Path, problem: str) -> StoreUnavailableError:
    return StoreUnavailableError(STORE, f"{path}: {problem}")
