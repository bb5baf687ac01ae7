"""``netscript auth adapter``: begin an adapter of one's own."""

import sys
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

adapter = typer.Typer(help="Write an auth backend of your own.", no_args_is_help=True)

USED_WRONGLY = 2


@adapter.callback()
def _group() -> None:
    """Keep ``new`` a command of its own, though it is the only one so far."""


@adapter.command("new")
def new_adapter(
    name: Annotated[str, typer.Argument(help="As in NETSCRIPT_AUTH_BACKEND, such as okta-remote.")],
    *,
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="The folder in which the package is made.")
    ] = Path(),
) -> None:
    """Make the package of an adapter, which works against a stand-in for the vendor from the first minute."""
    from netscript_plugin_auth.commands.adapter_package import (
        AdapterNames,
        AdapterRefusedError,
        write_package,
    )

    try:
        names = AdapterNames.of(name)
        target = write_package(names, into)
    except AdapterRefusedError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(USED_WRONGLY) from None
    sys.stdout.write(
        f"{target} is there.\n\n"
        "Next:\n"
        f"  cd {quote(str(target))}\n"
        "  pip install -e '.[testing]'\n"
        "  pytest\n\n"
        f"Then put your vendor's calls into {names.package}/upstream.py. README.md says what is where.\n"
    )
