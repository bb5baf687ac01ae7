"""Plugins of installed distributions, found by their entry points without importing anything."""

import os
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.machinery import all_suffixes
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipimport import zipimporter

from netscript_cli.entries import UNREADABLE, entries_of, name_of, title_of
from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.faults import WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.listing import normalised

GROUP: Final = "netscript.plugins"
"""Entry-point group; a value is the import path of a manifest."""


CHECK_THE_NAME: Final = "check the name; if it is right, install it"
"""And no command that does: nobody knows whose a distribution of an unknown name would be."""

_CLOSE: Final = 0.8


class NoPluginError(Exception):
    """A distribution cannot be used as a plugin; carries why."""

    def __init__(self, fault: WorkspaceFault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """What a distribution offers.

    Attributes:
        called: The name of its entry point.
        module: Where the manifest is.
        attribute: What holds it there; ``None`` where the entry point does not say.
        file: The file of the module.
        folder: The folder of the package that the module stands in.
        distribution: Name and version.
    """

    called: str
    module: str
    attribute: str | None
    file: Path
    folder: Path
    distribution: str


def installed_plugin(listed: str) -> InstalledPlugin:
    """Return the plugin of a distribution.

    Args:
        listed: The name of the distribution, however it is written.

    Raises:
        NoPluginError: it is not installed, offers none or several, or is broken.
    """
    found = _distribution(listed)
    point = _only_point(listed, found)
    if not point.pattern.match(point.value):
        problem = f"offers {point.value!r}, which is no import path"
        raise NoPluginError(_fault(WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE, listed, problem, listed))
    file = file_of(point.module)
    if file is None and _is_in_a_zip(point.module):
        problem = f"offers {point.module} in a zip, where no command finds its files"
        fix = "have pip install it, which unpacks it, and take the zip from the path of Python"
        raise NoPluginError(WorkspaceFault(WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE, listed, problem, fix))
    if file is None:
        problem = f"offers {point.module}, which is not there"
        raise NoPluginError(_fault(WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE, listed, problem, listed))
    called = in_one_line(point.name) or listed
    return InstalledPlugin(called, point.module, point.attr or None, file, file.parent, title_of(found))


def near_names(name: str) -> list[str]:
    """Return installed distributions that offer plugins and are called almost so, the closest first."""
    there = {normalised(name_of(point.dist)) for point in entries_of(GROUP).points}
    return get_close_matches(normalised(name), sorted(there), cutoff=_CLOSE)


def _distribution(listed: str) -> Distribution:
    try:
        return distribution(listed)
    except (PackageNotFoundError, ValueError):
        problem, code = "is not installed", WorkspaceFaultCode.PLUGIN_NOT_FOUND
        close = near_names(listed)
        meant = f"list {close[0]}, which is installed" if close else CHECK_THE_NAME
        fix = f"{meant}; or remove it from the list: netscript plugin remove {listed}"
        raise NoPluginError(WorkspaceFault(code, listed, problem, fix)) from None


def _only_point(listed: str, found: Distribution) -> EntryPoint:
    try:
        points = {point.value: point for point in found.entry_points if point.group == GROUP}
    except UNREADABLE:
        problem = "has entry points that cannot be read"
        raise NoPluginError(_fault(WorkspaceFaultCode.PLUGIN_NOT_OFFERED, listed, problem, listed)) from None
    if len(points) == 1:
        return next(iter(points.values()))
    names = ", ".join(sorted(point.name for point in points.values()))
    problem = f"offers several plugins ({names})" if points else "is installed, and offers no plugin"
    fix = f"let it have one entry point in the group {GROUP}, or list another distribution"
    raise NoPluginError(WorkspaceFault(WorkspaceFaultCode.PLUGIN_NOT_OFFERED, listed, problem, fix))


def _fault(code: WorkspaceFaultCode, listed: str, problem: str, name: str) -> WorkspaceFault:
    return WorkspaceFault(code, listed, problem, f"reinstall {name}, or tell whoever wrote it")


def file_of(module: str) -> Path | None:
    """Return the file of an installed module; looking up a top-level package imports nothing."""
    top, _, below = module.partition(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # such as of __main__
        return None
    if spec is None:
        return None
    if not below:
        return Path(spec.origin) if spec.origin and spec.has_location else None
    found = (file_in(Path(folder), below) for folder in spec.submodule_search_locations or ())
    return next((file for file in found if file is not None), None)


def _is_in_a_zip(module: str) -> bool:
    with suppress(ImportError, ValueError):
        spec = find_spec(module.partition(".")[0])
        return spec is not None and isinstance(spec.loader, zipimporter)
    return False


def file_in(folder: Path, module: str) -> Path | None:
    """Return the file of a module that is imported from a folder, without importing anything."""
    path = folder.joinpath(*module.split("."))
    for base in (path / "__init__", path):
        for suffix in all_suffixes():
            file = base.with_name(f"{base.name}{suffix}")
            if os.path.isfile(file):  # noqa: PTH113 - raises nothing where a name is too long
                return file
    return None
