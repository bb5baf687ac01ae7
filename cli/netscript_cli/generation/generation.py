"""Works out what is generated for the plugins of a workspace, and what of it is not there yet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from netscript_cli.generation import confirming
from netscript_cli.generation.changes import Change, changes_to, in_the_way, is_ours
from netscript_cli.generation.confirming import unconfirmed
from netscript_cli.generation.registry_text import registry_text
from netscript_cli.isolation.running import LIMIT, Isolation
from netscript_cli.workspace import manifests
from netscript_cli.workspace.faults import AnyFault
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.manifests import LoadedPlugin, manifests_in
from netscript_cli.workspace.paths import refuse_outside
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins.descriptor import FILE_NAME, describe_plugin, encode_descriptor
from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.registries.axes import AXES, GENERATED, Axis, registry_path
from netscript_kernel.plugins.registries.scanning import Scan, scan_folder


@dataclass(frozen=True, slots=True)
class Generation:
    """What is to be done.

    Attributes:
        changes: Files that are not as they should be; none where there are faults.
        unchanged: How many are.
        notes: What somebody may want to know.
        faults: Why nothing can be generated.
    """

    changes: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...]
    faults: tuple[AnyFault, ...]


def generate(workspace: Workspace, plugins: Sequence[FoundPlugin], limit: timedelta = LIMIT) -> Generation:
    """Work it out; nothing is written.

    Args:
        workspace: Where they stand.
        plugins: All that it lists. What was generated for others is obsolete.
        limit: How long importing one file may take.

    Raises:
        WorkspaceError: what would be written is outside of the workspace by a link, or cannot be looked at.
    """
    own = [plugin for plugin in plugins if plugin.origin is Origin.WORKSPACE]
    with Isolation(workspace.root, (manifests.PROBE, confirming.PROBE), limit) as isolation:
        loaded = manifests_in(isolation, own)
        scans = {each.found.listed: scans_of(workspace, each.found) for each in loaded}
        seen = unconfirmed(isolation, loaded, scans)
    faults = (*_faults(loaded, scans.values()), *(fault for told in seen.values() for fault in told))
    notes = tuple(note for each in scans.values() for note in _notes(each.values()))
    if faults:
        return Generation((), 0, notes, faults)
    wanted: dict[PurePosixPath, bytes] = {}
    for each in loaded:
        wanted |= _files(each, scans[each.found.listed])
    refuse_outside(workspace.root, wanted)
    faults = tuple(in_the_way_of(workspace, wanted))
    if faults:
        return Generation((), 0, notes, faults)
    changes = changes_to(workspace.root, wanted)
    left = sum(1 for each in changes if each.content is not None)
    return Generation(tuple(changes), len(wanted) - left, notes, ())


def scans_of(workspace: Workspace, plugin: FoundPlugin) -> dict[Axis, Scan]:
    """Read the contribution folders that an own plugin has; nothing of it is run."""
    root, folder = workspace.root, _folder(plugin)
    return {axis: scan_folder(root, folder / axis) for axis in AXES if (root / folder / axis).is_dir()}


def registries_of(plugin: str, scans: dict[Axis, Scan]) -> dict[PurePosixPath, bytes]:
    """Return the registries of a plugin as they should be, by their paths from the root of the workspace."""
    return {
        registry_path(plugin, axis): registry_text(plugin, axis, scan).encode()
        for axis, scan in scans.items()
    }


def in_the_way_of(workspace: Workspace, wanted: Iterable[PurePosixPath]) -> Iterator[PluginFault]:
    """Yield what somebody else wrote in the place of registries: what is theirs is not lost."""
    of_registries = [path for path in wanted if path.is_relative_to(GENERATED)]
    blockers = dict.fromkeys(_blocker(workspace.root, path) for path in of_registries)
    for path in blockers:
        if path is not None:
            problem, fix = "is in the way, and was not generated", "move it elsewhere"
            yield PluginFault(FaultCode.REGISTRY_BROKEN, str(path), problem, fix)


def _faults(loaded: Iterable[LoadedPlugin], scans: Iterable[dict[Axis, Scan]]) -> Iterator[AnyFault]:
    first: dict[str, LoadedPlugin] = {}
    for each in loaded:
        yield from each.faults
        other = first.setdefault(each.name, each) if each.manifest else each
        if other is not each:
            problem, fix = f"has the name of {other.found.listed}", "rename one of the two"
            yield PluginFault(FaultCode.DUPLICATE_PLUGIN, f"{each.name} ({each.found.listed})", problem, fix)
    for of_plugin in scans:
        for scan in of_plugin.values():
            yield from scan.faults


def _files(plugin: LoadedPlugin, scans: dict[Axis, Scan]) -> dict[PurePosixPath, bytes]:
    if plugin.manifest is None:
        return {}
    descriptor = encode_descriptor(describe_plugin(plugin.manifest))
    return {_folder(plugin.found) / FILE_NAME: descriptor, **registries_of(plugin.manifest.name, scans)}


def _blocker(root: Path, path: PurePosixPath) -> PurePosixPath | None:
    is_theirs = (root / path).exists() and not is_ours(root / path)
    return path if is_theirs else in_the_way(root, path)


def _notes(scans: Iterable[Scan]) -> Iterator[str]:
    for scan in scans:
        if not scan.files and not scan.faults:
            yield f"{scan.folder} contributes nothing yet"


def _folder(plugin: FoundPlugin) -> PurePosixPath:
    """Return the folder of an own plugin, from the root of the workspace."""
    return PurePosixPath(plugin.listed).parent
