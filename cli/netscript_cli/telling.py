"""Tells what a command found, and what is wrong, to whoever reads it."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Final

from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.faults import AnyFault, WorkspaceError, as_document

FAILED: Final = 1
USED_WRONGLY: Final = 2


def tell(document: object, words: str, *, as_json: bool) -> None:
    """Print a document for programs, or words for people."""
    sys.stdout.write(f"{json.dumps(document, indent=2)}\n" if as_json else words)


def run_telling_faults(
    run: Callable[[], int], *, nothing_was: str = "looked at", as_json: bool = False
) -> int:
    """Return the exit code of what runs; a faulty workspace becomes a list of its faults, and 2.

    Args:
        run: Raises ``WorkspaceError`` before it has done anything.
        nothing_was: What it would have done.
        as_json: Whether the faults are for programs.
    """
    try:
        return run()
    except WorkspaceError as error:
        if as_json:
            tell({"faults": [as_document(each) for each in error.faults]}, "", as_json=True)
        else:
            sys.stderr.write(describe(error.faults, nothing_was))
        return USED_WRONGLY


def describe(faults: Iterable[AnyFault], nothing_was: str = "looked at") -> str:
    """Return faults as a list: place, problem, code, what to do."""
    told = [
        f"  {in_one_line(fault.place)} {in_one_line(fault.problem)} [{fault.code}]\n"
        f"      Fix: {in_one_line(fault.fix)}\n"
        for fault in faults
    ]
    heading = "There is a fault." if len(told) == 1 else f"There are {len(told)} faults."
    return f"{heading} Nothing was {nothing_was}.\n\n{''.join(told)}"
