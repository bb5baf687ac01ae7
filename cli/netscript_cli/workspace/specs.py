"""How a workspace lists what somebody names on the command line."""

import os
from pathlib import Path
from typing import Final

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.paths import fault_of_path, is_path
from netscript_cli.workspace.workspace import Workspace

USUAL_MODULE: Final = "plugin.py"


def listed_for(workspace: Workspace, spec: str) -> str:
    """Return the entry of the list that means what somebody named.

    Args:
        workspace: In which it is to be listed.
        spec: A path, from the current folder or else from the workspace, to a module or to the folder of one;
            or the name of a distribution.

    Raises:
        WorkspaceError: the path leaves the workspace.
    """
    if not is_path(spec):
        return spec
    # By os.path: a link to itself, or a name that is too long, is told by whoever looks closer.
    named = Path(os.path.normpath(_place(workspace.root, spec)))
    inside = next(
        (each for each in (named, Path(os.path.realpath(named))) if each.is_relative_to(workspace.root)), None
    )
    if inside is None:
        problem, fix = "is outside of the workspace", "move it there, or install it and name its distribution"
        raise WorkspaceError([_escaping(spec, problem, fix)])
    module = inside / USUAL_MODULE if os.path.isdir(inside) else inside  # noqa: PTH112 - raises nothing
    relative = module.relative_to(workspace.root).as_posix()
    refused = fault_of_path(workspace.root, relative)
    if refused is not None:
        raise WorkspaceError([_escaping(spec, *refused)])
    return f"./{relative}"


def _place(root: Path, spec: str) -> Path:
    """Return what is there from the current folder, as shells complete it, else from the workspace."""
    here = Path.cwd() / spec
    return here if os.path.exists(here) else root / spec  # noqa: PTH110 - likewise


def _escaping(spec: str, problem: str, fix: str) -> WorkspaceFault:
    return WorkspaceFault(WorkspaceFaultCode.PATH_ESCAPES, spec, problem, fix)
