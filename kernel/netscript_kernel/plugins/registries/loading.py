"""Loads a registry that ``netscript generate plugins`` wrote, as a service does when it starts."""

import logging
import runpy
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from netscript_kernel.error_places import place_of
from netscript_kernel.plugins.faults import FaultCode, PluginFault, PluginInvalidError
from netscript_kernel.plugins.registries.axes import Axis, registry_path
from netscript_kernel.plugins.registries.contribution import Contribution
from netscript_kernel.plugins.registries.scanning import scan_folder
from netscript_kernel.profile import Profile

GENERATE: Final = "run netscript generate plugins"

_log = logging.getLogger("netscript.plugins")


def load_registry(
    root: Path, plugin: str, axis: Axis, *, profile: Profile = "production"
) -> Mapping[str, Contribution]:
    """Import what a plugin contributes to an axis, by id.

    Args:
        root: Of the workspace; its plugins are importable from there.
        plugin: The plugin's name.
        axis: What is contributed.
        profile: In development a registry that its sources have left behind is an error, since whoever
            changed them is there to see it. Otherwise it is a warning: what was deployed goes on.

    Raises:
        PluginInvalidError: there is no registry, it cannot be imported, or it is stale in development.
    """
    path = registry_path(plugin, axis)
    place = f"{plugin}: {path}"
    if not (root / path).is_file():
        raise _refusal(FaultCode.REGISTRY_MISSING, place, "is not there")
    names = _run(root, path, place)
    if fault := _staleness(root, place, names):
        if profile == "development":
            raise PluginInvalidError([fault])
        _log.warning("a registry is stale", extra={"registry": str(path), "fault": str(fault)})
    registry: Mapping[str, Contribution] = names["REGISTRY"]
    return MappingProxyType(dict(registry))


def _run(root: Path, path: PurePosixPath, place: str) -> dict[str, Any]:
    """Return the names of a registry, whose imports run; it is made for this, and leaves nothing behind."""
    try:
        names = runpy.run_path(str(root / path))
    except Exception as error:  # a contribution may raise anything when it is imported
        where = place_of(error, root=str(root), skipped=[__file__])
        problem = f"cannot be imported ({type(error).__name__}: {error}{where})"
        raise _refusal(FaultCode.REGISTRY_BROKEN, place, problem, _mend(error)) from error
    if not {"FOLDER", "REGISTRY", "SOURCES", "CONTENT_HASH"} <= names.keys():
        raise _refusal(FaultCode.REGISTRY_BROKEN, place, "is not as it was generated")
    return names


def _mend(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install what brings {error.name}, mend the import, or {GENERATE}"
    return f"correct the contribution, or {GENERATE}"


def _staleness(root: Path, place: str, names: Mapping[str, Any]) -> PluginFault | None:
    scan = scan_folder(root, PurePosixPath(names["FOLDER"]))
    if not scan.faults and scan.content_hash == names["CONTENT_HASH"]:
        return None
    problem = f"does not fit what {scan.folder} says any more"
    return PluginFault(FaultCode.REGISTRY_STALE, place, problem, GENERATE)


def _refusal(code: FaultCode, place: str, problem: str, fix: str = GENERATE) -> PluginInvalidError:
    return PluginInvalidError([PluginFault(code, place, problem, fix)])
