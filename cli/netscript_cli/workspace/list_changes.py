"""Changes the list of plugins in the file of a workspace; comments and order of all else stay."""

import tomllib
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.workspace import FILE_NAME, Workspace
from netscript_kernel.atomic_writing import replace_file
from netscript_kernel.foreign_files import read_foreign

_PLUGINS: Final = "plugins"


def with_plugin(workspace: Workspace, listed: str) -> bytes:
    """Return the file of a workspace with one more plugin, at the end of the list.

    Raises:
        WorkspaceError: the file is written in a way that nobody here can change.
    """
    document = _parsed(workspace)
    table = _table(workspace, document)
    if _PLUGINS not in table:
        table[_PLUGINS] = tomlkit.array().multiline(multiline=True)
    table[_PLUGINS].append(listed)
    return _checked(workspace, tomlkit.dumps(document), (*workspace.plugins, listed))


def without_plugin(workspace: Workspace, listed: str) -> bytes:
    """Return the file of a workspace with one plugin less.

    Raises:
        WorkspaceError: likewise.
    """
    document = _parsed(workspace)
    _table(workspace, document)[_PLUGINS].remove(listed)
    rest = tuple(each for each in workspace.plugins if each != listed)
    return _checked(workspace, tomlkit.dumps(document), rest)


def write(workspace: Workspace, text: bytes) -> None:
    """Write the file of a workspace.

    Raises:
        WorkspaceError: it cannot be written, and is as it was.
    """
    try:
        replace_file(workspace.file, text)
    except OSError as error:
        problem = f"cannot be written ({type(error).__name__})"
        fault = _fault(workspace, problem, "make it and its folder writable")
        raise WorkspaceError([fault]) from None


def _parsed(workspace: Workspace) -> tomlkit.TOMLDocument:
    try:
        # Not read_text, which would make Unix line ends of others.
        return tomlkit.parse(read_foreign(workspace.file).decode())
    except TOMLKitError:
        raise WorkspaceError([_odd(workspace, "list it, or list it no more, yourself")]) from None


def _table(workspace: Workspace, document: Any) -> Any:
    return document if workspace.file.name == FILE_NAME else document["tool"]["netscript"]


def _checked(workspace: Workspace, text: str, expected: tuple[str, ...]) -> bytes:
    """Return the text, if it says what it should."""
    found = _table(workspace, tomllib.loads(text)).get(_PLUGINS)
    if found != list(expected):
        fix = f"list it yourself: {_PLUGINS} = [{', '.join(map(repr, expected))}]"
        raise WorkspaceError([_odd(workspace, fix)])
    return text.encode()


def _odd(workspace: Workspace, fix: str) -> WorkspaceFault:
    return _fault(workspace, "is written in a way that this command cannot change", fix)


def _fault(workspace: Workspace, problem: str, fix: str) -> WorkspaceFault:
    return WorkspaceFault(WorkspaceFaultCode.UNWRITABLE, workspace.file.name, problem, fix)
