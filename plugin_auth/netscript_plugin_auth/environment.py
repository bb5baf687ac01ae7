"""The one place that reads the process environment, with a ``.env`` of the working directory below it."""

import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from netscript_kernel.errors import ConfigurationError, Fault

FILE = ".env"


def process_environment(folder: Path | None = None) -> dict[str, str]:
    """Return all variables; a real one wins over the same one in the file.

    Values of the file are taken as they are written: a ``$`` in a secret stays a ``$``.

    Args:
        folder: Where to look for ``.env``; the working directory by default.

    Raises:
        ConfigurationError: the file is there, but cannot be read.
    """
    path = (folder or Path.cwd()) / FILE
    try:
        written = dotenv_values(path, interpolate=False) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault(FILE, f"cannot be read ({type(error).__name__})", "make it readable, or remove it")
        raise ConfigurationError([fault]) from None
    named = {name: value for name, value in written.items() if value is not None}
    return {**named, **os.environ}


def is_set_outside_the_file(variable: str) -> bool:
    """Whether a real variable of this name wins over the one in ``.env``."""
    return variable in os.environ


def values_of(text: bytes) -> dict[str, str | None]:
    """Return what a ``.env`` says, read as :func:`process_environment` reads one."""
    return dict(dotenv_values(stream=StringIO(text.decode()), interpolate=False))
