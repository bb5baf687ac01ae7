"""``netscript dev``: run a workspace on this machine."""

from typing import Annotated

import typer

from netscript_cli.options import AsJson, ProjectRoot

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def dev(
    *,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Run this process, or those of this plugin; may be repeated."),
    ] = None,
    port: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PORT", help="Give a service another port; may be repeated."),
    ] = None,
    otlp: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Send traces to this collector; else to OTEL_EXPORTER_OTLP_ENDPOINT, if set."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would run.")] = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Run all services and background processors of the workspace, each when what it needs is ready.

    One that dies is started again. Ctrl-C stops them all in reverse order; once more ends them by force.
    """
    from netscript_cli.running.development import Wishes, run_workspace, show_plan
    from netscript_cli.telling import run_telling_faults

    wishes = Wishes(only or (), port or (), otlp, project_root)
    if dry_run:
        raise typer.Exit(run_telling_faults(lambda: show_plan(wishes, as_json=as_json), as_json=as_json))
    if as_json:
        raise typer.BadParameter("goes with --dry-run alone: a log is no JSON", param_hint="--json")
    raise typer.Exit(run_telling_faults(lambda: run_workspace(wishes), nothing_was="started"))
