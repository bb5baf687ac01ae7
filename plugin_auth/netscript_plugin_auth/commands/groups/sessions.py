"""``netscript auth sessions``."""

from functools import partial
from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson, DryRun, change, look

sessions = typer.Typer(help="Who is signed in where: to look at, and to end.", no_args_is_help=True)


@sessions.command("list")
def list_sessions_of(
    user: Annotated[str | None, typer.Argument(metavar="[USER]", help="Id of the person.")] = None,
    *,
    counts: Annotated[bool, typer.Option("--counts", help="How many everybody has, instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the active sessions of a person, newest first, or count those of everybody."""
    from netscript_plugin_auth.commands.sessions import count_sessions, list_sessions

    if (user is None) != counts:
        raise typer.BadParameter("either a person's id or --counts", param_hint="USER")
    look(partial(count_sessions if user is None else partial(list_sessions, user), as_json=as_json))


@sessions.command("revoke")
def revoke_sessions(
    handle: Annotated[str | None, typer.Argument(metavar="[HANDLE]", help="As listed.")] = None,
    *,
    user: Annotated[str | None, typer.Option("--user", metavar="USER", help="End all of a person's.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End one session, or all of a person's; what a provider granted to them is revoked there, too.

    One that ended before is no fault. If it breaks off, repeat it.
    """
    from netscript_plugin_auth.commands.session_endings import revoke_all, revoke_one

    if handle is not None and user is None:
        change(partial(revoke_one, handle, is_rehearsal=dry_run, as_json=as_json))
    if user is not None and handle is None:
        change(partial(revoke_all, user, is_rehearsal=dry_run, as_json=as_json))
    raise typer.BadParameter("either the handle of a session or --user", param_hint="HANDLE")
