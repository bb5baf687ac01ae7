"""``netscript e2e``: run the gates of a workspace's plugins."""

from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from netscript_cli.options import AsJson, ProjectRoot

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def e2e(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Gates, or plugins whose gates are run; all by default."),
    ] = None,
    *,
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PORT", help="Where a service listens, if elsewhere; may be repeated."),
    ] = None,
    limit: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="How long each may take.")] = 300,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be run.")] = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Run commands that have to succeed before a change is good, in the folder of the workspace.

    What they ask has to run beside it: netscript dev. Exit code 1: one failed, or could not be run.
    """
    from netscript_cli.running.gate_report import run_gates_of_workspace, show_gates
    from netscript_cli.telling import run_telling_faults

    do = show_gates if dry_run else partial(run_gates_of_workspace, limit=timedelta(seconds=limit))
    run = partial(do, names or (), ports=port or (), project_root=project_root, as_json=as_json)
    raise typer.Exit(run_telling_faults(run, nothing_was="run", as_json=as_json))
