"""The one place that reads the process environment, with a ``.env`` of the working directory below it."""

import os
from pathlib import Path

from netscript_kernel.environment_file import FILE, read_environment_file


def process_environment(folder: Path | None = None) -> dict[str, str]:
    """Return all variables; a real one wins over the same one in the file.

    Args:
        folder: Where to look for ``.env``; the working directory by default.

    Raises:
        ConfigurationError: the file is there, but it or a line of it cannot be read.
    """
    return {**read_environment_file((folder or Path.cwd()) / FILE), **os.environ}


def is_set_outside_the_file(variable: str) -> bool:
    """Whether a real variable of this name wins over the one in ``.env``."""
    return variable in os.environ
