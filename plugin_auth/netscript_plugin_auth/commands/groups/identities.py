"""``netscript auth identities``."""

from codecs import iterdecode
from functools import partial
from typing import Annotated

import typer

from netscript_plugin_auth.commands.groups.files import opened_file
from netscript_plugin_auth.commands.groups.options import AsJsonLines, DryRun, change, look

identities = typer.Typer(help="Who is known, and by which accounts.", no_args_is_help=True)


@identities.command("list")
def list_people(*, as_json: AsJsonLines = False) -> None:
    """List everybody with their accounts."""
    from netscript_plugin_auth.commands.identities import list_identities

    look(partial(list_identities, as_json=as_json))


@identities.command("link")
def link_people(
    keep: Annotated[str, typer.Argument(metavar="KEEP", help="Id of the person who stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Id of the same person, who goes.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Let two people be one: the accounts of OTHER lead to KEEP from now on, and OTHER is no more.

    OTHER's sessions end; those that an upstream keeps go on, as KEEP's. If it breaks off, repeat it.
    """
    from netscript_plugin_auth.commands.identity_changes import link_identities

    change(partial(link_identities, keep, other, is_rehearsal=dry_run))


@identities.command("unlink")
def unlink_account_of_person(
    user: Annotated[str, typer.Argument(metavar="USER", help="Id of the person.")],
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="Of the account, as listed.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Of the account, as listed.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Take an account out of a person: whoever signs in with it is somebody new, whatever is listed upstream.

    The person's sessions end; those that an upstream keeps, by other accounts, go on. Another account has to
    be left. If it breaks off, repeat it.
    """
    from netscript_plugin_auth.commands.identity_changes import unlink_account

    change(partial(unlink_account, user, issuer, subject, is_rehearsal=dry_run))


@identities.command("export")
def export_people() -> None:
    """Print everybody as JSON Lines: personal data."""
    from netscript_plugin_auth.commands.identities import export_identities

    look(export_identities)


@identities.command("import")
def import_people(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines; - is standard input.")],
    *,
    dry_run: DryRun = False,
) -> None:
    """Keep the people that export printed under the same ids; who is here already stays as they are.

    A store that is not there yet is made, but not by --dry-run, which looks at each line by itself.
    """
    from netscript_plugin_auth.commands.identity_import import import_identities

    with opened_file(file) as lines:
        change(partial(import_identities, iterdecode(lines, "utf-8"), is_rehearsal=dry_run))
