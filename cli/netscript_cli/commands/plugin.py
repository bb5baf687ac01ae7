"""``netscript plugin``: the plugins of a workspace."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, NoReturn

import typer

from netscript_cli.commands.plugin_new import new
from netscript_cli.options import AsJson, DryRun, ProjectRoot

app = typer.Typer(
    help="The plugins of a workspace: which there are, and whether all is well.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(new)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the plugin, or as the workspace lists it.")]


@app.command("list")
def list_plugins(*, as_json: AsJson = False, project_root: ProjectRoot = None) -> None:
    """List the plugins of the workspace, without running them."""
    from netscript_cli.plugins.listing import print_plugins

    _end(partial(print_plugins, project_root, as_json=as_json), as_json=as_json)


@app.command("info")
def show_plugin(name: Name, *, as_json: AsJson = False, project_root: ProjectRoot = None) -> None:
    """Show what a plugin is, without running it. Exit code 1: it is broken."""
    from netscript_cli.plugins.sheet import print_plugin

    _end(partial(print_plugin, name, project_root, as_json=as_json), as_json=as_json)


@app.command("add")
def list_one_more(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="A path in the workspace, or an installed distribution.")
    ],
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Refuse a plugin that is called otherwise.")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", hidden=True)] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """List a plugin in the workspace, after it was imported once, in a process of its own."""
    if samples:
        problem = (
            "is not here: plugin new KIND --name NAME makes a plugin, plugin add lists one that is there"
        )
        raise typer.BadParameter(problem, param_hint="--samples")
    from netscript_cli.plugins.adding import add_plugin

    run = partial(add_plugin, spec, project_root, name=name, is_rehearsal=dry_run, as_json=as_json)
    _end(run, "changed", as_json=as_json)


@app.command("remove")
def list_one_less(
    name: Name, *, dry_run: DryRun = False, as_json: AsJson = False, project_root: ProjectRoot = None
) -> None:
    """List a plugin no more. Its files stay; what was generated for it does not."""
    from netscript_cli.plugins.removing import remove_plugin

    run = partial(remove_plugin, name, project_root, is_rehearsal=dry_run, as_json=as_json)
    _end(run, "changed", as_json=as_json)


@app.command()
def doctor(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Tell about this plugin alone.", show_default=False)
    ] = None,
    *,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Ask every service whether it is ready.")] = False,
    project_root: ProjectRoot = None,
) -> None:
    """Look for what is wrong with the plugins of the workspace. Changes nothing.

    Plugins are imported, in processes of their own, each for some seconds at most.
    Exit code 0: nothing is wrong. 1: something is to be mended. 2: it could not look.
    """
    from netscript_cli.doctor.report import diagnose

    run = partial(diagnose, project_root, name=name, live=live, is_strict=strict, as_json=as_json)
    _end(run, as_json=as_json)


def _end(run: Callable[[], int], nothing_was: str = "looked at", *, as_json: bool) -> NoReturn:
    from netscript_cli.telling import run_telling_faults

    raise typer.Exit(run_telling_faults(run, nothing_was=nothing_was, as_json=as_json))
