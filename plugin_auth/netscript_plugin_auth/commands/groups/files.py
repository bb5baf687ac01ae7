"""Files that commands read: opened when the command runs, so that nothing is left open where it does not."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import typer

_STANDARD_INPUT: Final = "-"


@contextmanager
def opened_file(name: str) -> Generator[BinaryIO]:
    """Open a file for reading while the block lasts; ``-`` is standard input.

    Raises:
        typer.BadParameter: it cannot be read.
    """
    if name == _STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; what goes wrong there is not its fault
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise typer.BadParameter(f"cannot be read ({why})", param_hint="FILE") from None
    with file:
        yield file
