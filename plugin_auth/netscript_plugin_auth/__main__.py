"""``python -m netscript_plugin_auth`` runs auth-api, by environment only."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from netscript_kernel.garbage import put_off_collections
from netscript_plugin_auth.faults import run_telling_faults


def main(arguments: Sequence[str]) -> int:
    """Run auth-api until it is told to stop, and return the exit code.

    Args:
        arguments: There are none but ``--help``; any other ends the program with 2.
    """
    ArgumentParser(
        prog="python -m netscript_plugin_auth",
        description="Run auth-api, as the environment and a .env in the working directory say.",
        epilog="netscript auth serve does the same, and takes --workers; netscript auth --help has the rest.",
        allow_abbrev=False,
    ).parse_args(arguments)

    put_off_collections()
    # Only now: most of a start is imports, which would be looked through again and again.
    from netscript_plugin_auth.serving import serve_auth

    return run_telling_faults(serve_auth)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
