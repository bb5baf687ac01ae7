"""``python -m netscript_cli`` is the command ``netscript``.

Python looks for modules in the working directory first, so that a file of that folder, ``typer.py`` say,
would be taken for a library. Before anything of ours is imported that folder is left out, as with
``python -P`` and as with ``netscript`` itself; what Python imported until then is Python's.
"""

import os
import sys


def _leave_out_the_working_directory() -> None:
    try:
        folder = os.getcwd()  # noqa: PTH109 - pathlib is not imported yet
    except OSError:  # it is gone, and Python left it out
        return
    if not sys.flags.safe_path and sys.path[:1] == [folder]:
        del sys.path[0]


if __name__ == "__main__":
    _leave_out_the_working_directory()
    from netscript_cli.main import main

    sys.exit(main())
