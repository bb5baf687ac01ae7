"""Paths in a workspace: they stay in it, and one of a module is what Python imports."""

from collections.abc import Iterable
from keyword import iskeyword
from pathlib import Path, PurePosixPath

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode

_MODULE = ".py"


def is_path(entry: str) -> bool:
    """Whether an entry of the list of plugins is a path; else it is the name of a distribution."""
    return entry.startswith(".") or entry.endswith(_MODULE) or "/" in entry or "\\" in entry


def fault_of_path(root: Path, path: str) -> tuple[str, str] | None:
    """Say why a path may not stand in a workspace: the problem and its fix; ``None`` where it may.

    Args:
        root: The workspace's folder, without links on its way.
        path: Relative to it.
    """
    if "\\" in path:
        return "has a backslash", "write / between folders, on every system"
    if PurePosixPath(path).is_absolute():
        return "is absolute", "write it relative to the workspace, such as ./plugins/notifier/plugin.py"
    fix = "move the plugin into the workspace, or install it and list its distribution"
    if ".." in PurePosixPath(path).parts:
        return "goes up by ..", fix
    try:
        real = (root / path).resolve()
    except (OSError, RuntimeError):
        return "is a link that leads nowhere", fix
    return None if real.is_relative_to(root) else ("leads out of the workspace by a link", fix)


def refuse_outside(root: Path, paths: Iterable[PurePosixPath]) -> None:
    """Refuse to touch files that stand outside of a workspace by a link on their way: they are not ours.

    Args:
        root: The workspace's folder, without links on its way.
        paths: Relative to it; they may be there or not.

    Raises:
        WorkspaceError: with every one of them.
    """
    fix = "replace the link by a file or folder of the workspace"
    told = [(path, fault_of_path(root, str(path))) for path in dict.fromkeys(paths)]
    faults = [
        WorkspaceFault(WorkspaceFaultCode.PATH_ESCAPES, str(path), refused[0], fix)
        for path, refused in told
        if refused is not None
    ]
    if faults:
        raise WorkspaceError(faults)


def module_of(path: str) -> str | None:
    """Return by which name a module of the workspace is imported; ``None`` where no name can.

    Args:
        path: Relative to the workspace, such as ``./plugins/notifier/plugin.py``.
    """
    plain = PurePosixPath(path)
    if plain.suffix != _MODULE:
        return None
    parts = [part for part in plain.with_suffix("").parts if part != "."]
    return ".".join(parts) if parts and all(map(_is_importable, parts)) else None


def _is_importable(part: str) -> bool:
    return part.isidentifier() and not iskeyword(part)
