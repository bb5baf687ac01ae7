"""``netscript plugin add``: list one more plugin in a workspace, and change nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from netscript_cli.plugins.cautions import cautions
from netscript_cli.plugins.meant import with_what_was_meant
from netscript_cli.telling import tell
from netscript_cli.workspace.discovery import find_plugin, find_plugins
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.list_changes import with_plugin, write
from netscript_cli.workspace.listing import key_of
from netscript_cli.workspace.manifests import LoadedPlugin, load_manifests
from netscript_cli.workspace.specs import listed_for
from netscript_cli.workspace.taking_turns import workspace_to_write
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import PluginManifest

_NEXT: Final = "See whether all is well: netscript plugin doctor"


def add_plugin(
    spec: str, project_root: Path | None, *, name: str | None, is_rehearsal: bool, as_json: bool
) -> int:
    """List a plugin, if it is one, and return the exit code.

    Args:
        spec: A path, or the name of an installed distribution.
        project_root: The workspace, where somebody names it.
        name: What the plugin has to be called, where somebody says so.
        is_rehearsal: Only say what would be done.
        as_json: For programs.

    Raises:
        WorkspaceError: it is no plugin, or not that one, or another has its name. Nothing has changed.
    """
    with workspace_to_write(project_root, is_rehearsal=is_rehearsal) as workspace:
        listed = listed_for(workspace, spec)
        others = find_plugins(workspace)
        for other in others:
            if key_of(workspace.root, other.listed) == key_of(workspace.root, listed):
                _expect(other.listed, other.name, name)
                document = _document(other.name, other.listed, is_written=False, already=True, missing=[])
                head = f"{workspace.file.name} lists {other.listed} already: {other.name}"
                return _say(document, head, as_json=as_json)
        added, *beside = _loaded(workspace, find_plugin(workspace, listed), others)
        manifest = _manifest(added)
        _expect(listed, manifest.name, name)
        _refuse_twin(listed, manifest, others)
        text = with_plugin(workspace, listed)
        if not is_rehearsal:
            write(workspace, text)
        done = "would list" if is_rehearsal else "lists"
        head = f"{workspace.file.name} {done} {listed}: {manifest.name} {manifest.version}"
        missing = _missing(manifest, others)
        is_written = not is_rehearsal
        document = _document(manifest.name, listed, is_written=is_written, already=False, missing=missing)
        return _say(document, head, *cautions(workspace, added, beside), _NEXT, as_json=as_json)


def _loaded(
    workspace: Workspace, plugin: FoundPlugin, others: Sequence[FoundPlugin]
) -> tuple[LoadedPlugin, ...]:
    """Return what a plugin exports, and those that are listed; a descriptor beside it proves nothing."""
    if plugin.fault is not None:
        raise WorkspaceError([with_what_was_meant(workspace, plugin.listed, plugin.fault)])
    return load_manifests(workspace.root, [plugin, *others])


def _manifest(plugin: LoadedPlugin) -> PluginManifest:
    if plugin.manifest is None:
        raise WorkspaceError(plugin.faults)
    return plugin.manifest


def _expect(listed: str, found: str, expected: str | None) -> None:
    if expected is not None and found != expected:
        problem, fix = f"is the plugin {found}, and not {expected}", f"say --name {found}, or add another"
        code = WorkspaceFaultCode.PLUGIN_NAME_UNEXPECTED
        raise WorkspaceError([WorkspaceFault(code, listed, problem, fix)])


def _refuse_twin(listed: str, manifest: PluginManifest, others: Sequence[FoundPlugin]) -> None:
    for other in others:
        if other.descriptor is not None and other.name == manifest.name:
            problem = f"has the name of {other.name} ({other.listed})"
            fix = f"rename one of the two, or first: netscript plugin remove {other.name}"
            code = WorkspaceFaultCode.PLUGIN_NAME_TAKEN
            raise WorkspaceError([WorkspaceFault(code, f"{manifest.name} ({listed})", problem, fix)])


def _missing(manifest: PluginManifest, others: Sequence[FoundPlugin]) -> list[str]:
    there = {other.name for other in others}
    return [name for name in manifest.dependencies if name not in there]


def _document(name: str, listed: str, *, is_written: bool, **more: bool | list[str]) -> dict[str, object]:
    return {"name": name, "listed": listed, "written": is_written, **more}


def _say(document: object, *lines: str, as_json: bool) -> int:
    tell(document, "".join(f"{line}\n" for line in lines), as_json=as_json)
    return 0
