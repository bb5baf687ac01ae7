"""``netscript contract``: the contracts of a workspace."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, NoReturn

import typer

from netscript_cli.options import AsJson, ProjectRoot

app = typer.Typer(
    help="The contracts of a workspace: which there are, and what a change of one breaks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints pieces of the program's state
)

_HELP = "A contract of the workspace such as users.v1, module:Class, or a .json that inspect --json wrote."


@app.command("list")
def list_contracts(*, as_json: AsJson = False, project_root: ProjectRoot = None) -> None:
    """List the contracts of the workspace, as the manifests of its plugins name them."""
    from netscript_cli.contracts.listing import print_contracts

    _end(partial(print_contracts, project_root, as_json=as_json), as_json=as_json)


@app.command("inspect")
def inspect_contract(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_HELP)],
    *,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Show a contract whole: operations, models as JSON Schema, problems."""
    from netscript_cli.contracts.inspection import print_contract

    _end(partial(print_contract, name, project_root, as_json=as_json), as_json=as_json)


@app.command("diff")
def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_HELP)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Likewise.")],
    *,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="Do not fail where a change breaks callers.")
    ] = False,
    as_json: AsJson = False,
    project_root: ProjectRoot = None,
) -> None:
    """Tell what changed from one contract to another, and what of it breaks callers.

    Exit code 0: nothing does. 1: a change breaks callers. 2: one of the two cannot be read.
    """
    from netscript_cli.contracts.difference import print_difference

    run = partial(print_difference, old, new, project_root, allow_breaking=allow_breaking, as_json=as_json)
    _end(run, "compared", as_json=as_json)


def _end(run: Callable[[], int], nothing_was: str = "looked at", *, as_json: bool) -> NoReturn:
    from netscript_cli.telling import run_telling_faults

    raise typer.Exit(run_telling_faults(run, nothing_was=nothing_was, as_json=as_json))
