"""``netscript auth backend``."""

from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson

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
