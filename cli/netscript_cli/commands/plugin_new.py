"""``netscript plugin new``: a plugin of one's own to begin with."""

from functools import partial
from typing import Annotated, Literal

import typer

from netscript_cli.options import AsJson, DryRun, ProjectRoot


def new(
    kind: Annotated[
        Literal["worker", "saga", "trigger", "stream", "plugin"],
        typer.Argument(metavar="KIND", help="worker, saga, trigger, stream or plugin."),
    ],
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="Lower-case letters, digits, hyphens.")],
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Of its service, from 1024 on; else the lowest free from 8095."),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Make a plugin that starts and has a test, list it, and generate what follows from it.

    Exit code 1: it is there, but another plugin has a fault, so that nothing was generated.
    """
    from netscript_cli.skeletons.new_plugin import new_plugin
    from netscript_cli.telling import run_telling_faults

    run = partial(new_plugin, kind, name, project_root, port=port, is_rehearsal=dry_run, as_json=as_json)
    raise typer.Exit(run_telling_faults(run, nothing_was="written", as_json=as_json))
