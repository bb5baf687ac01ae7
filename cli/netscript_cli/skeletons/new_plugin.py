"""``netscript plugin new``: a plugin that starts, has a test, and is listed."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final

from netscript_cli.generation.generation import Generation, generate
from netscript_cli.generation.making import make
from netscript_cli.generation.report import PLANNED
from netscript_cli.skeletons.plugin_names import PluginNames, names_for
from netscript_cli.skeletons.rehearsing import rehearsed
from netscript_cli.skeletons.rendering import place, rendered
from netscript_cli.telling import FAILED, describe, tell
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode, as_document
from netscript_cli.workspace.list_changes import with_plugin, write
from netscript_cli.workspace.paths import refuse_outside
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.taking_turns import workspace_to_write
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import PluginKind

_TEMPLATE: Final = "plugin_template"
_PACKAGE: Final = "__init__.py"
_CONTRIBUTION: Final = "contribution"
_TEST: Final = PurePosixPath("tests/test_plugin.py")
_USUAL: Final = 0o666
_DONE: Final = 0


def new_plugin(
    kind: str, name: str, project_root: Path | None, *, port: int | None, is_rehearsal: bool, as_json: bool
) -> int:
    """Make a plugin, list it, generate what follows from it, and return the exit code.

    Args:
        kind: What it will mostly contribute.
        name: As in its manifest.
        project_root: The workspace, where somebody names it.
        port: For its service; ``None`` takes the lowest that no plugin has.
        is_rehearsal: Only say what would be done.
        as_json: For programs.

    Raises:
        WorkspaceError: it cannot be made. Nothing has changed.
    """
    with workspace_to_write(project_root, is_rehearsal=is_rehearsal) as workspace:
        names = names_for(workspace, find_plugins(workspace), PluginKind(kind), name, port)
        files = files_of(names)
        listing = with_plugin(workspace, names.listed)
        written = _paths(workspace, names, files)
        generation = rehearsed(workspace, names) if is_rehearsal else _make(workspace, names, files, listing)
    document = _document(names, written, generation, is_written=not is_rehearsal)
    tell(document, _planned(names, written, generation) if is_rehearsal else _made(names), as_json=as_json)
    if not generation.faults:
        return _DONE
    if not as_json:
        sys.stderr.write(f"\n{describe(generation.faults, 'generated')}")
    return FAILED


def files_of(names: PluginNames) -> dict[PurePosixPath, bytes]:
    """Return every file of the plugin, by its path within it."""
    files = rendered(_TEMPLATE, asdict(names))
    return {_path(path, names): content for path, content in sorted(files.items())}


def _path(path: PurePosixPath, names: PluginNames) -> PurePosixPath:
    if path == _TEST:
        return path.with_name(f"test_{names.snake}.py")
    folder, *rest = path.parts
    return PurePosixPath(names.axis, *rest) if folder == _CONTRIBUTION else path


def _make(
    workspace: Workspace, names: PluginNames, files: Mapping[PurePosixPath, bytes], listing: bytes
) -> Generation:
    """Make all of it, or nothing; only what is generated may be left to do."""
    target = workspace.root / names.folder
    folder = PurePosixPath(names.folder)
    refuse_outside(workspace.root, [folder, folder.parent / _PACKAGE])
    try:
        place(target, files)
    except OSError as error:
        raise _unwritable(names, error) from None
    made_package = False
    try:
        made_package = _make_package(workspace.root, target.parent)
        write(workspace, listing)
    except (OSError, WorkspaceError) as error:
        shutil.rmtree(target)
        if made_package:
            (target.parent / _PACKAGE).unlink()
        raise _unwritable(names, error) if isinstance(error, OSError) else error from None
    return _generated(workspace.root)


def _make_package(root: Path, folder: Path) -> bool:
    """Let the folder of plugins be a package, and return whether it has become one.

    Otherwise an installed package of its name would come first.
    """
    if not _lacks_package(root, folder.relative_to(root)):
        return False
    # Not by a link: where one leads that leads nowhere yet, a file would be made.
    os.close(os.open(folder / _PACKAGE, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _USUAL))
    return True


def _lacks_package(root: Path, folder: PurePath) -> bool:
    return folder != PurePath() and not (root / folder / _PACKAGE).exists()


def _unwritable(names: PluginNames, error: OSError) -> WorkspaceError:
    problem = f"cannot be written: {error.strerror}"
    fault = WorkspaceFault(WorkspaceFaultCode.UNWRITABLE, names.folder, problem, "make its folder writable")
    return WorkspaceError([fault])


def _generated(root: Path) -> Generation:
    """Generate what follows from all plugins, or return why not: by now the new one is there."""
    workspace = find_workspace(project_root=root)
    try:
        generation = generate(workspace, find_plugins(workspace))
        make(root, generation.changes)
    except WorkspaceError as error:
        return Generation((), 0, (), error.faults)
    return generation


def _paths(workspace: Workspace, names: PluginNames, files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return all that is written before anything is generated, from the root of the workspace."""
    folder = PurePosixPath(names.folder)
    package = [folder.parent / _PACKAGE] if _lacks_package(workspace.root, folder.parent) else []
    return [*(folder / path for path in files), *package, PurePosixPath(workspace.file.name)]


def _document(
    names: PluginNames, written: Sequence[PurePosixPath], generation: Generation, *, is_written: bool
) -> dict[str, Any]:
    generated = [each.path for each in generation.changes if each.content is not None]
    removed = [each.path for each in generation.changes if each.content is None]
    return {
        "name": names.name,
        "kind": names.kind,
        "port": names.port,
        "listed": names.listed,
        "files": sorted(map(str, (*written, *generated))),
        "removed": sorted(map(str, removed)),
        "written": is_written,
        "faults": [as_document(each) for each in generation.faults],
    }


def _planned(names: PluginNames, written: Sequence[PurePosixPath], generation: Generation) -> str:
    *new, workspace_file = written
    lines = [f"{path} would be written" for path in new]
    lines += [f"{each.path} {PLANNED[each.kind]}" for each in generation.changes]
    lines.append(f"{workspace_file} would list {names.listed}: {names.name} on port {names.port}")
    return "".join(f"{line}\n" for line in lines)


def _made(names: PluginNames) -> str:
    return (
        f"{names.folder} is there and listed: {names.name} on port {names.port}.\n\n"
        "Next:\n"
        f"  python -m pytest {names.folder}\n"
        "  netscript plugin doctor\n\n"
        f"Then put your own into {names.folder}/{names.axis}. README.md says what is where.\n"
    )
