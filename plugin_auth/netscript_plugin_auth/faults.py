"""Tells an operator what is wrong with the configuration."""

import sys
from collections.abc import Callable

from netscript_kernel.errors import ConfigurationError

EXIT_CONFIGURATION = 2


def told(run: Callable[[], int]) -> int:
    """Return the exit code of what runs; a faulty configuration becomes a list of faults, and 2."""
    try:
        return run()
    except ConfigurationError as error:
        sys.stderr.write(describe(error))
        return EXIT_CONFIGURATION


def describe(error: ConfigurationError) -> str:
    """Return the faults as a list: variable, problem, what to do."""
    heading = (
        "The configuration has a fault."
        if len(error.faults) == 1
        else (f"The configuration has {len(error.faults)} faults.")
    )
    rows = (f"  {fault.variable} {fault.problem}\n      Fix: {fault.fix}\n" for fault in error.faults)
    return f"{heading} Nothing was started.\n\n{''.join(rows)}"
