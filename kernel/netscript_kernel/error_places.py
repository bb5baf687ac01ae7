"""Where somebody has to look who is told of an error that another's code raised."""

import os
import traceback
from collections.abc import Sequence


def place_of(error: BaseException, *, root: str | None = None, skipped: Sequence[str] = ()) -> str:
    """Return file and line, as `` (file:line)``; ``""`` where nobody knows.

    Args:
        error: As it was caught. Of a syntax error it is the place that Python does not understand.
        root: A folder whose files come before all others, innermost first.
        skipped: Files, or folders, that only called what failed.
    """
    if isinstance(error, SyntaxError):
        return f" ({error.filename}:{error.lineno})" if error.filename else ""
    frames = [
        frame
        for frame in reversed(traceback.extract_tb(error.__traceback__))
        if not frame.filename.startswith(("<", *skipped)) and not _is_of_importlib(frame.filename)
    ]
    own = [frame for frame in frames if root is not None and frame.filename.startswith(f"{root}{os.sep}")]
    for frame in (*own, *frames):
        return f" ({frame.filename}:{frame.lineno})"
    return ""


def _is_of_importlib(file: str) -> bool:
    return f"{os.sep}importlib{os.sep}" in file
