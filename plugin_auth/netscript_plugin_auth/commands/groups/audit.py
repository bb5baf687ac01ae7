"""``netscript auth audit``."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from netscript_plugin_auth.commands.groups.options import AsJson, look, read_duration

if TYPE_CHECKING:
    from netscript_auth_core.events import EventName

audit = typer.Typer(help="What happened to sign-ins, sessions and keys.", no_args_is_help=True)


@audit.command("list")
def list_audit_events(
    *,
    since: Annotated[
        timedelta | None,
        typer.Option(
            "--since",
            metavar="DURATION",
            parser=read_duration,
            help="How far back, such as 30m, 1h or 2d.",
        ),
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", metavar="NAME", help="Only these, such as auth.signin.failed.")
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="USER", help="About a person: the id, or sub_... as in events."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="HANDLE", help="About a session, likewise, or ses_..."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the events that the store keeps, newest first.

    Exit code 1: none are kept, or the store does not answer.
    """
    from netscript_plugin_auth.commands.audit import Wanted, list_events

    if subject is not None and session is not None:
        raise typer.BadParameter("either a person or a session", param_hint="--session")
    wanted = Wanted(since, _name(event), subject, session, limit)
    look(partial(list_events, wanted, as_json=as_json))


def _name(text: str | None) -> "EventName | None":
    if text is None:
        return None
    from netscript_auth_core.events import EventName

    try:
        return EventName(text)
    except ValueError:
        known = ", ".join(sorted(EventName))
        raise typer.BadParameter(f"no event is called so; there are: {known}", param_hint="--event") from None
