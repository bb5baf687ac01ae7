"""Whether registries fit what the contribution folders say, for whoever looks and changes nothing."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from netscript_cli.generation.changes import Change, changes_to
from netscript_cli.generation.generation import registries_of, scans_of
from netscript_cli.workspace.found import Origin
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.registries.axes import generated_folder
from netscript_kernel.plugins.registries.loading import GENERATE


def registry_faults(
    workspace: Workspace, plugins: Sequence[LoadedPlugin]
) -> dict[str | None, list[PluginFault]]:
    """Return what is wrong with registries, by the plugin as it is listed; ``None`` is the workspace.

    Args:
        workspace: Where they are.
        plugins: All that it lists. One without a manifest has no name to look by, and is left out.
    """
    faults: dict[str | None, list[PluginFault]] = {}
    wanted: dict[PurePosixPath, bytes] = {}
    listed_in: dict[PurePosixPath, str] = {}
    for plugin in plugins:
        if plugin.found.origin is not Origin.WORKSPACE or plugin.manifest is None:
            continue
        scans = scans_of(workspace, plugin.found)
        faults[plugin.found.listed] = [fault for scan in scans.values() for fault in scan.faults]
        listed_in[generated_folder(plugin.name)] = plugin.found.listed
        wanted |= registries_of(plugin.name, scans)
    # Where a source has a fault of its own, nobody knows yet what the registry should be.
    unclear: set[str | None] = {listed for listed, told in faults.items() if told}
    if any(plugin.manifest is None for plugin in plugins):
        unclear.add(None)  # what nobody seems to own may be of one whose name is not known
    for change in changes_to(workspace.root, wanted):
        listed = listed_in.get(change.path.parent)
        if listed not in unclear:
            faults.setdefault(listed, []).append(_fault(change))
    return faults


def _fault(change: Change) -> PluginFault:
    place = str(change.path)
    match change.kind:
        case "new":
            return PluginFault(FaultCode.REGISTRY_MISSING, place, "is not there", GENERATE)
        case "changed":
            problem = "does not fit what its folder says any more"
            return PluginFault(FaultCode.REGISTRY_STALE, place, problem, GENERATE)
        case _:
            problem = "is there for no reason any more"
            return PluginFault(FaultCode.REGISTRY_STALE, place, problem, GENERATE)
