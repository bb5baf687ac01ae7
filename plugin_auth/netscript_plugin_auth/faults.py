"""Tells an operator what is wrong with the configuration."""

import sys
from collections.abc import Callable

from netscript_kernel.errors import ConfigurationError

EXIT_CONFIGURATION = 2


def run_telling_faults(run: Callable[[], int], *, nothing_was: str = "started", advice: str = "") -> int:
    """Return the exit code of what runs; a faulty configuration becomes a list of faults, and 2.

    Args:
        run: Raises ``ConfigurationError`` before it has done anything.
        nothing_was: What it would have done.
        advice: Said after the list.
    """
    try:
        return run()
    except ConfigurationError as error:
        sys.stderr.write(describe(error, nothing_was) + (f"\n{advice}\n" if advice else ""))
        return EXIT_CONFIGURATION


def describe(error: ConfigurationError, nothing_was: str = "started") -> str:
    """Return the faults as a list: variable, problem, what to do."""
    heading = (
        "The configuration has a fault."
        if len(error.faults) == 1
        else (f"The configuration has {len(error.faults)} faults.")
    )
    rows = (f"  {fault.variable} {fault.problem}\n      Fix: {fault.fix}\n" for fault in error.faults)
    return f"{heading} Nothing was {nothing_was}.\n\n{''.join(rows)}"
