"""Where the command ``netscript`` begins; ``python -m netscript_cli`` is it as well.

Everything is imported by :func:`start`, so that Ctrl-C ends it without a traceback from the first moment on
that is ours.

With ``-m`` Python looks for modules in the working directory first, so that a file of that folder,
``typer.py`` say, would be taken for a library. Before anything of ours is imported that folder is left out,
as with ``python -P`` and as with ``netscript`` itself; what Python imported until then is Python's.
"""

import os
import sys

INTERRUPTED = 130


def start() -> int:
    """Run the command line, and return the exit code; 130 where Ctrl-C ended it, as shells have it."""
    try:
        from netscript_cli.main import main

        return main()
    except KeyboardInterrupt:
        return INTERRUPTED


def _leave_out_the_working_directory() -> None:
    try:
        folder = os.getcwd()  # noqa: PTH109 - pathlib is not imported yet
    except OSError:  # it is gone, and Python left it out
        return
    if not sys.flags.safe_path and sys.path[:1] == [folder]:
        del sys.path[0]


if __name__ == "__main__":
    _leave_out_the_working_directory()
    sys.exit(start())
