"""``netscript auth drain``."""

from functools import partial

import typer

from netscript_plugin_auth.commands.groups.options import AsJson, look

drain = typer.Typer(help="Leave an earlier backend behind.", no_args_is_help=True)


@drain.command("status")
def drain_status(*, as_json: AsJson = False) -> None:
    """Tell how many sessions of earlier backends are left."""
    from netscript_plugin_auth.commands.drain import show_drain

    look(partial(show_drain, as_json=as_json))
