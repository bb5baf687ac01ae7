"""The key of one way: from a file that its owner alone can read."""

import os
from pathlib import Path
from typing import Final

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keyring import KeyRing, parse_keys

OPTION: Final = "--key-file"
_FOR_OTHERS: Final = 0o077
_LONGEST: Final = 4096
_FIX: Final = "(umask 077; netscript auth secret generate > FILE)"


def read_key_file(path: Path) -> KeyRing:
    """Return the key that seals the lines of an export, and opens them.

    Raises:
        ConfigurationError: the file cannot be read, is open to others, or holds anything but one key.
    """
    try:
        with path.open("rb") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read(_LONGEST)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise _fault(f"names a file that cannot be read ({why})", _FIX) from None
    if os.name != "nt" and mode & _FOR_OTHERS:
        raise _fault("names a file that others than its owner can open", "chmod 600 on it, and a new key")
    try:
        keys = parse_keys(text.decode("ascii"))
    except ValueError:
        raise _fault("names a file that holds no key", _FIX) from None
    if len(keys) != 1:
        raise _fault("names a file that holds several keys", _FIX)
    return KeyRing(keys)


def _fault(problem: str, fix: str) -> ConfigurationError:
    return ConfigurationError([Fault(OPTION, problem, fix)])
