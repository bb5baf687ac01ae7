"""Finds the plugins that a workspace lists, without running anything of them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from netscript_cli.workspace.distributions import NoPluginError, installed_plugin
from netscript_cli.workspace.faults import WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.paths import is_path, module_of
from netscript_cli.workspace.static_descriptor import DESCRIPTOR, DescriptorUnreadableError, load_static
from netscript_cli.workspace.workspace import Workspace

_GENERATE: Final = "write it with: netscript generate plugins"


def find_plugins(workspace: Workspace) -> tuple[FoundPlugin, ...]:
    """Return every plugin that is listed, in the order of the list; a broken one says why it is."""
    return _with_twins_told([find_plugin(workspace, listed) for listed in workspace.plugins])


def find_plugin(workspace: Workspace, listed: str) -> FoundPlugin:
    """Return one plugin, whether the workspace lists it or is about to."""
    found = _own(workspace, listed) if is_path(listed) else _installed(listed)
    return found if found.folder is None else _described(found, found.folder)


def _own(workspace: Workspace, listed: str) -> FoundPlugin:
    file = workspace.root / listed
    plain = FoundPlugin(listed, Origin.WORKSPACE, called=_called(file))
    # Of os.path, which raises nothing where a name is too long.
    if not os.path.isfile(file):  # noqa: PTH113
        problem = "is a folder" if os.path.isdir(file) else "is not there"  # noqa: PTH112
        fix = "name the module that exports the manifest, such as ./plugins/notifier/plugin.py"
        if listed in workspace.plugins:
            fix += f"; or list it no more: netscript plugin remove {plain.name}"
        return _broken(plain, WorkspaceFaultCode.PLUGIN_NOT_FOUND, problem, fix)
    module = module_of(listed)
    if module is None:
        fix = "name a file that ends in .py, in folders with letters, digits and _ in their names"
        problem = "cannot be imported by its path"
        return _broken(plain, WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE, problem, fix)
    return replace(plain, module=module, file=file, folder=file.parent)


def _installed(listed: str) -> FoundPlugin:
    try:
        found = installed_plugin(listed)
    except NoPluginError as error:
        return FoundPlugin(listed, Origin.DISTRIBUTION, called=listed, fault=error.fault)
    return FoundPlugin(
        listed,
        Origin.DISTRIBUTION,
        called=found.called,
        module=found.module,
        attribute=found.attribute,
        file=found.file,
        folder=found.folder,
        distribution=found.distribution,
    )


def _described(found: FoundPlugin, folder: Path) -> FoundPlugin:
    try:
        return replace(found, descriptor=load_static(folder / DESCRIPTOR))
    except DescriptorUnreadableError as error:
        problem, is_there = str(error), (folder / DESCRIPTOR).exists()
    codes = WorkspaceFaultCode
    code = codes.DESCRIPTOR_UNREADABLE if is_there else codes.DESCRIPTOR_MISSING
    fault = WorkspaceFault(code, f"{found.listed}: {DESCRIPTOR}", problem, fix_of_descriptor(found))
    return replace(found, descriptor_fault=fault)


def fix_of_descriptor(plugin: FoundPlugin) -> str:
    """Say how a descriptor is put right: one that is installed is written where its source is."""
    if plugin.origin is Origin.WORKSPACE:
        return _GENERATE
    value = f"{plugin.module}:{plugin.attribute}" if plugin.attribute else plugin.module
    command = f"netscript generate descriptor {value}"
    return f"write it in the source of {plugin.listed} with: {command}; install it again, or tell its author"


def _with_twins_told(plugins: Sequence[FoundPlugin]) -> tuple[FoundPlugin, ...]:
    """Let of two plugins with one name the later one say so, with both owners."""
    first: dict[str, FoundPlugin] = {}
    told: list[FoundPlugin] = []
    for plugin in plugins:
        other = first.setdefault(plugin.name, plugin) if plugin.descriptor else plugin
        if other is plugin:
            told.append(plugin)
            continue
        problem = f"has the name of {other.name} ({other.listed})"
        fix = "rename one of the two, or list one of them"
        place, code = f"{plugin.name} ({plugin.listed})", WorkspaceFaultCode.PLUGIN_NAME_TAKEN
        told.append(replace(plugin, descriptor_fault=WorkspaceFault(code, place, problem, fix)))
    return tuple(told)


def _broken(plugin: FoundPlugin, code: WorkspaceFaultCode, problem: str, fix: str) -> FoundPlugin:
    return replace(plugin, fault=WorkspaceFault(code, plugin.listed, problem, fix))


def _called(file: Path) -> str:
    return file.parent.name.replace("_", "-") if file.suffix == ".py" else file.name
