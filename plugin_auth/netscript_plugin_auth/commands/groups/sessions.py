"""``netscript auth sessions``."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from netscript_plugin_auth.commands.groups.files import opened_file
from netscript_plugin_auth.commands.groups.options import AsJson, DryRun, change, look, read_duration

sessions = typer.Typer(help="Who is signed in where: to look at, to end, and to move.", no_args_is_help=True)

_DAY: Final = timedelta(days=1)


_KeyFile = Annotated[
    Path,
    typer.Option("--key-file", metavar="FILE", help="Has a key of netscript auth secret generate, mode 600."),
]


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


@sessions.command("export")
def export_all(
    *,
    key_file: _KeyFile,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A new file; else standard output.")
    ] = None,
) -> None:
    """Write everybody's active sessions, with their people, for another store: JSON Lines, each sealed whole.

    Stop the service first, and start it no more on this store: refresh tokens are good in one place only.
    """
    from netscript_plugin_auth.commands.session_export import export_sessions

    look(partial(export_sessions, key_file, out))


@sessions.command("import")
def import_all(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Of export; - is standard input.")],
    *,
    key_file: _KeyFile,
    max_age: Annotated[
        timedelta,
        typer.Option(
            "--max-age",
            metavar="DURATION",
            parser=read_duration,
            show_default="24h",
            help="How old the export may be: it does not know who signed out since.",
        ),
    ] = _DAY,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in sessions that export wrote: whoever is signed in there is here, with the same cookie.

    A session that is known here, or ended here, stays as it is. It is whose its account is here; somebody who
    is not known here comes along under the same id. A store that is not there yet is made, but not by
    --dry-run.
    """
    from netscript_plugin_auth.commands.session_import import import_sessions

    with opened_file(file) as lines:
        run = partial(
            import_sessions, key_file, lines, max_age=max_age, is_rehearsal=dry_run, as_json=as_json
        )
        change(run)
