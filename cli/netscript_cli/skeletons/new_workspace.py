"""``netscript init``: a workspace that starts at once."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Final

from netscript_cli.entries import entries_of, name_of
from netscript_cli.skeletons.questions import Answers, ask
from netscript_cli.skeletons.rendering import place, rendered
from netscript_cli.telling import tell
from netscript_cli.workspace.distributions import GROUP
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.listing import normalised
from netscript_cli.workspace.search import workspace_above

_TEMPLATE: Final = "workspace_template"
_HIDDEN: Final = {"env": ".env", "gitignore": ".gitignore"}
_USUAL: Final = "netscript-plugin-auth"
_EXTRAS: Final = {_USUAL: "[dev]"}
_NAMELESS: Final = "workspace"
_DONE: Final = 0


def new_workspace(folder: Path, *, may_be_nested: bool, asks: bool, is_rehearsal: bool, as_json: bool) -> int:
    """Make a workspace, and return the exit code.

    Args:
        folder: Where; it is made, or empty.
        may_be_nested: Whether it may stand inside another one.
        asks: Whether somebody is there who answers.
        is_rehearsal: Only say what would be done.
        as_json: For programs.

    Raises:
        WorkspaceError: it cannot be made there. Nothing has changed.
    """
    root = folder.absolute()
    _refuse_unfit(folder, root)
    if not may_be_nested:
        _refuse_nested(folder, root)
    offered = _offered()
    usual = Answers(_name_of(root), tuple(name for name in offered if name == _USUAL))
    answers = ask(usual, offered) if asks else usual
    files = _files(answers)
    if not is_rehearsal:
        _place(folder, root, files)
    document = {
        "name": answers.name,
        "root": str(root),
        "plugins": list(answers.plugins),
        "files": [str(path) for path in files],
        "written": not is_rehearsal,
    }
    tell(document, _words(folder, answers, files, is_rehearsal=is_rehearsal), as_json=as_json)
    return _DONE


def _refuse_unfit(folder: Path, root: Path) -> None:
    if root.is_dir():
        # What git has made of an empty folder is in nobody's way.
        found = sorted(entry.name for entry in root.iterdir() if entry.name != ".git")
        if not found:
            return
        problem = f"is not empty: it has {found[0]}" + (" and more" if len(found) > 1 else "")
        fix = "name a new folder; what is here can become a workspace by a netscript.toml of your own"
    elif root.exists() or root.is_symlink():
        problem, fix = "is no folder", "name a new folder"
    else:
        return
    raise WorkspaceError([WorkspaceFault(WorkspaceFaultCode.NOT_EMPTY, str(folder), problem, fix)])


def _refuse_nested(folder: Path, root: Path) -> None:
    outer = workspace_above(root)
    if outer is None:
        return
    problem = f"is inside the workspace {outer}"
    fix = (
        "for a plugin of that one: netscript plugin new KIND --name NAME; "
        "for a workspace that neither knows of the other: --nested"
    )
    raise WorkspaceError([WorkspaceFault(WorkspaceFaultCode.NESTED, str(folder), problem, fix)])


def _offered() -> tuple[str, ...]:
    """Return the installed distributions that offer plugins."""
    return tuple(sorted({normalised(name_of(each.dist)) for each in entries_of(GROUP).points if each.dist}))


def _name_of(root: Path) -> str:
    return root.name.strip() if root.name.isprintable() and root.name.strip() else _NAMELESS


def _files(answers: Answers) -> dict[PurePosixPath, bytes]:
    distribution = re.sub(r"[^a-z0-9]+", "-", answers.name.lower()).strip("-") or _NAMELESS
    values = {
        "name": answers.name,
        "plugins": answers.plugins,
        "distribution": distribution,
        "requirements": _requirements(answers.plugins),
    }
    files = rendered(_TEMPLATE, values)
    return dict(sorted((PurePosixPath(_HIDDEN.get(str(path), path)), text) for path, text in files.items()))


def _requirements(plugins: Sequence[str]) -> list[str]:
    wanted = {"netscript-cli": "", "netscript-kernel": "[server,service]"}
    wanted |= {plugin: _EXTRAS.get(plugin, "") for plugin in plugins}
    return [f"{name}{extras}{_compatible(name)}" for name, extras in wanted.items()]


def _compatible(distribution: str) -> str:
    try:
        return f"~={version(distribution)}"
    except PackageNotFoundError:  # somebody has named one that is not here yet
        return ""


def _place(folder: Path, root: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    try:
        place(root, files)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        fault = WorkspaceFault(WorkspaceFaultCode.UNWRITABLE, str(folder), problem, "make it writable")
        raise WorkspaceError([fault]) from None


def _words(
    folder: Path, answers: Answers, files: Mapping[PurePosixPath, bytes], *, is_rehearsal: bool
) -> str:
    if is_rehearsal:
        return "".join(f"{folder / path} would be written\n" for path in files)
    plugins = ", ".join(answers.plugins) or "none yet"
    return (
        f"{folder} is a workspace now. Plugins: {plugins}.\n\n"
        "Next:\n"
        f"  cd {quote(str(folder))}\n"
        "  netscript plugin new worker --name notifier\n"
        "  netscript dev\n\n"
        "README.md says what is where.\n"
    )
