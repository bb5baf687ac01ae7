"""Finds the workspace that a command is run in."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.reading import PYPROJECT, has_own_table, names_us, read_workspace
from netscript_cli.workspace.workspace import FILE_NAME, Workspace

_ROOT_USER: Final = 0


def find_workspace(start: Path | None = None, *, project_root: Path | None = None) -> Workspace:
    """Find and read a workspace.

    Args:
        start: The folder to begin in, from which it is looked for upwards; the current one by default.
        project_root: The folder of the workspace, where somebody names it: nothing above is looked at.

    Raises:
        WorkspaceError: there is none, or it is not valid: with every fault.
    """
    if project_root is not None:
        return _in(_existing(project_root))
    begin = (Path.cwd() if start is None else start).resolve()
    for folder in (begin, *begin.parents):
        if folder != begin:
            _refuse_strangers(folder)
        file = workspace_file(folder)
        if file is not None:
            return read_workspace(file)
    raise WorkspaceError([_none_in(begin, "nor above it")])


def workspace_above(folder: Path) -> Path | None:
    """Return the folder of the nearest workspace that a folder is in, whether that folder is there or not.

    One of another user is none: what a stranger puts above a folder keeps nobody from using it.

    Raises:
        WorkspaceError: nobody can tell, since two files above or a broken one describe it.
    """
    for above in folder.resolve().parents:
        if _strange_file(above) is None and workspace_file(above) is not None:
            return above
    return None


def workspace_file(folder: Path) -> Path | None:
    """Return the file that makes a folder a workspace, or ``None`` where none does.

    Raises:
        WorkspaceError: two do.
    """
    own, shared = folder / FILE_NAME, folder / PYPROJECT
    has_own, has_table = os.path.lexists(own), has_own_table(shared)
    if has_own and has_table:
        problem = f"and {PYPROJECT} beside it both describe a workspace"
        fix = f"keep one of the two: {FILE_NAME}, or [tool.netscript]"
        raise WorkspaceError([WorkspaceFault(WorkspaceFaultCode.SAID_TWICE, str(own), problem, fix)])
    if has_own:
        return own
    return shared if has_table else None


def _in(folder: Path) -> Workspace:
    file = workspace_file(folder)
    if file is None:
        raise WorkspaceError([_none_in(folder)])
    return read_workspace(file)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        fix = "name the folder of a workspace"
        fault = WorkspaceFault(WorkspaceFaultCode.NOT_FOUND, str(folder), "is no folder", fix)
        raise WorkspaceError([fault])
    return folder.resolve()


def _none_in(folder: Path, beyond: str = "") -> WorkspaceFault:
    problem = f"has no {FILE_NAME}, {beyond}".rstrip(", ")
    fix = "go to a workspace, name one by --project-root, or make one: netscript init"
    return WorkspaceFault(WorkspaceFaultCode.NOT_FOUND, str(folder), problem, fix)


def _refuse_strangers(folder: Path) -> None:
    """Refuse a workspace further up that is another user's, who would choose what runs here."""
    strange = _strange_file(folder)
    if strange is not None:
        raise WorkspaceError([_strange(strange)])


def _strange_file(folder: Path) -> Path | None:
    """Return the file by which another user may mean a workspace; it is asked before anything is parsed."""
    own, shared = folder / FILE_NAME, folder / PYPROJECT
    for file, is_meant in ((own, os.path.lexists(own)), (shared, names_us(shared))):
        if is_meant and os.name != "nt" and not _owners(file) <= {os.geteuid(), _ROOT_USER}:
            return file
    return None


def _owners(file: Path) -> set[int]:
    """Return whose a file is, and a link to it: one chooses the folder, the other what runs there."""
    owners = {file.lstat().st_uid}
    with suppress(OSError):  # a link that leads nowhere
        owners.add(file.stat().st_uid)
    return owners


def _strange(file: Path) -> WorkspaceFault:
    problem = "belongs to another user, and is above the folder that you are in"
    fix = f"if you trust it, say so: --project-root {file.parent}"
    return WorkspaceFault(WorkspaceFaultCode.NOT_OURS, str(file), problem, fix)
