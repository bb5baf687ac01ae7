"""``netscript plugin remove``: list a plugin no more, and keep nothing that was generated for it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from netscript_cli.generation.changes import Change, changes_to
from netscript_cli.generation.making import make
from netscript_cli.telling import tell
from netscript_cli.workspace.choosing import choose
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.list_changes import without_plugin, write
from netscript_cli.workspace.taking_turns import workspace_to_write
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.foreign_files import read_foreign
from netscript_kernel.plugins.registries.axes import generated_folder


def remove_plugin(name: str, project_root: Path | None, *, is_rehearsal: bool, as_json: bool) -> int:
    """List a plugin no more, and return the exit code. Its files stay; its registries, which lead there, go.

    Args:
        name: Its name, or as it is listed.
        project_root: The workspace, where somebody names it.
        is_rehearsal: Only say what would be done.
        as_json: For programs.

    Raises:
        WorkspaceError: there is no workspace, or it does not list it, or a file cannot be changed. Nothing
            has changed.
    """
    with workspace_to_write(project_root, is_rehearsal=is_rehearsal) as workspace:
        plugins = find_plugins(workspace)
        plugin = choose(workspace, plugins, name)
        text, generated = without_plugin(workspace, plugin.listed), _generated(workspace, plugin, plugins)
        if not is_rehearsal:
            _change(workspace, text, generated)
    orphans = _orphans(plugin, plugins)
    lines = [
        f"{workspace.file.name} {'would list' if is_rehearsal else 'lists'} {plugin.listed} no more",
        *(f"{each.path} {'would be removed' if is_rehearsal else 'removed'}" for each in generated),
        *_left(plugin),
        *(f"{each} needs it, and will not start without it" for each in orphans),
    ]
    document = {
        "name": plugin.name,
        "listed": plugin.listed,
        "written": not is_rehearsal,
        "generated": [str(each.path) for each in generated],
        "orphans": orphans,
    }
    tell(document, "".join(f"{line}\n" for line in lines), as_json=as_json)
    return 0


def _generated(workspace: Workspace, plugin: FoundPlugin, plugins: Sequence[FoundPlugin]) -> Sequence[Change]:
    """Return what was generated for an own plugin, and for no other that is listed."""
    folder = generated_folder(plugin.name)
    is_shared = any(generated_folder(each.name) == folder for each in plugins if each is not plugin)
    if plugin.origin is not Origin.WORKSPACE or is_shared or not (workspace.root / folder).is_dir():
        return ()
    return [each for each in changes_to(workspace.root, {}) if each.path.parent == folder]


def _change(workspace: Workspace, text: bytes, generated: Sequence[Change]) -> None:
    former = read_foreign(workspace.file)
    write(workspace, text)
    try:
        make(workspace.root, generated)
    except WorkspaceError:
        write(workspace, former)
        raise


def _left(plugin: FoundPlugin) -> Iterator[str]:
    if plugin.origin is Origin.WORKSPACE and plugin.file is not None:
        yield "Its files stay where they are"
    if plugin.distribution is not None:
        yield f"It stays installed; to remove it: pip uninstall {plugin.listed}"


def _orphans(plugin: FoundPlugin, plugins: Sequence[FoundPlugin]) -> list[str]:
    return [
        other.name
        for other in plugins
        if other.descriptor is not None and plugin.name in other.descriptor.dependencies
    ]
