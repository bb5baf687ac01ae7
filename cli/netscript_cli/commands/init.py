"""``netscript init``: a new workspace."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netscript_cli.options import AsJson, DryRun

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where; it is made, or empty.")],
    *,
    nested: Annotated[
        bool, typer.Option("--nested", help="Make it inside another workspace, which will not know of it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, and take what is usual.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make a workspace of plugins that starts at once. At a terminal it asks for a name and for plugins."""
    from netscript_cli.skeletons.new_workspace import new_workspace
    from netscript_cli.telling import run_telling_faults

    asks = not (yes or dry_run or as_json) and sys.stdin.isatty()
    run = partial(
        new_workspace, folder, may_be_nested=nested, asks=asks, is_rehearsal=dry_run, as_json=as_json
    )
    raise typer.Exit(run_telling_faults(run, nothing_was="written", as_json=as_json))
