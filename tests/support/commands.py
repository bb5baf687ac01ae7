"""Runs ``netscript`` in this process, as people type it."""

import contextlib
import io
from dataclasses import dataclass

from netscript_cli.main import main


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a command."""

    code: int
    output: str
    errors: str


def run(*words: str) -> Told:
    """Run ``netscript`` with these words."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code: object = main(words)
        except SystemExit as end:
            code = end.code
    return Told(code if isinstance(code, int) else 0, output.getvalue(), errors.getvalue())
