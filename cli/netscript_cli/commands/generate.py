"""``netscript generate``: write what follows from plugins."""

from functools import partial
from typing import Annotated

import typer

from netscript_cli.options import AsJson, DryRun, ProjectRoot

app = typer.Typer(
    help="Write what follows from plugins.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints pieces of the program's state
)


Check = Annotated[
    bool, typer.Option("--check", help="Write nothing, and fail where something would be. For CI.")
]


@app.command()
def plugins(
    *,
    check: Check = False,
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


@app.command()
def descriptor(
    module: Annotated[
        str,
        typer.Argument(metavar="MODULE", help="Of its manifest: acme_audit.plugin, or with :attribute."),
    ],
    *,
    check: Check = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the descriptor of one plugin beside its module: for a distribution, in no workspace.

    The module is imported once, in a process of its own: from here, from src, or from what is installed.
    Exit code 0: done. 1: the plugin has a fault, or --check found something. 2: there is no such module.
    """
    from netscript_cli.generation.report import generate_descriptor
    from netscript_cli.telling import run_telling_faults

    run = partial(generate_descriptor, module, check=check, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(run_telling_faults(run, nothing_was="generated", as_json=as_json))
