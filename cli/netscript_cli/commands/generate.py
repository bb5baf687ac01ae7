"""``netscript generate``: write what follows from the plugins of the workspace."""

from functools import partial
from typing import Annotated

import typer

from netscript_cli.options import AsJson, DryRun, ProjectRoot

app = typer.Typer(
    help="Write what follows from the plugins of the workspace.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints pieces of the program's state
)


@app.callback()
def group() -> None:
    """Keep ``plugins`` a command of its own, though it is the only one so far."""


@app.command()
def plugins(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing, and fail where something would be. For CI.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Write the registries and the descriptor of each plugin that stands in the workspace.

    Exit code 0: done. 1: a plugin has a fault, or --check found something. 2: there is no valid workspace.
    """
    from netscript_cli.generation.report import generate_plugins
    from netscript_cli.telling import run_telling_faults

    run = partial(generate_plugins, project_root, check=check, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(run_telling_faults(run, nothing_was="generated", as_json=as_json))
