"""``netscript auth backend``."""

from functools import partial
from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson, DryRun, change

backend = typer.Typer(help="Backends that NETSCRIPT_AUTH_BACKEND may name.", no_args_is_help=True)


@backend.command("list")
def list_backends(*, as_json: AsJson = False) -> None:
    """List the backends that are installed."""
    from netscript_plugin_auth.commands.backends import print_backends

    raise typer.Exit(print_backends(as_json=as_json))


@backend.command("show")
def show_backend(
    name: Annotated[str, typer.Argument(help="As in NETSCRIPT_AUTH_BACKEND.")], *, as_json: AsJson = False
) -> None:
    """Show what a backend reads."""
    from netscript_plugin_auth.commands.backends import print_backend

    raise typer.Exit(print_backend(name, as_json=as_json))


@backend.command("set")
def choose_backend(
    name: Annotated[str, typer.Argument(help="As in NETSCRIPT_AUTH_BACKEND.")], *, dry_run: DryRun = False
) -> None:
    """Name another backend in the .env of this folder, if the service would start with it."""
    from netscript_plugin_auth.commands.backend_choice import set_backend

    change(partial(set_backend, name, is_rehearsal=dry_run))
