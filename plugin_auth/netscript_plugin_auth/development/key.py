"""A key that the development profile makes once and keeps, so that a restart signs nobody out."""

import logging
import os
import tempfile
from pathlib import Path

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keyring import generate_key, parse_keys

FILE_NAME = "auth-keys"

_log = logging.getLogger("netscript.auth.configuration")
_FOLDER_OF_THE_OWNER = 0o700


def development_keys(folder: Path) -> str:
    """Return the keys that are kept in a folder, made now if there are none. Two processes make one.

    Raises:
        ConfigurationError: the folder cannot be written, or the file is not what was put there.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=_FOLDER_OF_THE_OWNER, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        keys = path.read_text(encoding="ascii").strip()
        parse_keys(keys)
    except OSError as error:
        raise _fault(
            f"cannot hold the development key ({error.strerror})", "a folder that can be written"
        ) from None
    except ValueError:
        raise _fault(f"has a file {FILE_NAME} that holds no key", "delete that file") from None
    return keys


def _make(path: Path) -> None:
    """Write under another name and link, so that nobody ever reads half a key, and the first one stays."""
    # A name of its own each time: in a container a process that crashed had the same id as this one.
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    draft = Path(name)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{generate_key()}\n")
    try:
        os.link(draft, path)
        _log.warning("made a key for development and keep it in %s", path)
    except FileExistsError:
        pass  # another process was quicker
    finally:
        draft.unlink()


def _fault(problem: str, fix: str) -> ConfigurationError:
    return ConfigurationError([Fault("NETSCRIPT_DATA_DIR", problem, fix)])
