"""``netscript auth providers``."""

from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson
from netscript_plugin_auth.faults import run_telling_faults

providers = typer.Typer(help="Providers that are known by name.", no_args_is_help=True)


@providers.command("list")
def list_providers(*, as_json: AsJson = False) -> None:
    """List every provider: what it needs, and how far it is proven that it works."""
    from netscript_plugin_auth.commands.providers import print_list
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(run_telling_faults(lambda: print_list(process_environment(), as_json=as_json)))


@providers.command("show")
def show_provider(
    provider_id: Annotated[str, typer.Argument(metavar="ID", help="As in NETSCRIPT_AUTH_PROVIDER.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what to set for a provider, what to register there, and what it does differently."""
    from netscript_plugin_auth.commands.providers import print_one
    from netscript_plugin_auth.environment import process_environment

    raise typer.Exit(
        run_telling_faults(lambda: print_one(process_environment(), provider_id, as_json=as_json))
    )
