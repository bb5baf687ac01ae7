"""The Plan of a workspace, from the manifests that its plugins really export."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from netscript_cli.isolation.running import LIMIT
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import AnyFault, WorkspaceError
from netscript_cli.workspace.manifests import LoadedPlugin, load_manifests
from netscript_cli.workspace.unlisted import how_to_list
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import (
    FaultCode,
    ListedPlugin,
    Plan,
    PluginFault,
    PluginInvalidError,
    plan_plugins,
)

_MISSING: Final = FaultCode.DEPENDENCY_MISSING


def load_plan(workspace: Workspace, limit: timedelta = LIMIT) -> Plan:
    """Import every plugin in a process of its own, and work out what runs.

    Args:
        workspace: From ``find_workspace``.
        limit: For each plugin.

    Raises:
        WorkspaceError: with every fault of every plugin, and between them.
    """
    try:
        return plan_loaded(load_manifests(workspace.root, find_plugins(workspace), limit))
    except WorkspaceError as error:
        raise WorkspaceError(with_unlisted_told(workspace, error.faults)) from None


def plan_loaded(plugins: Sequence[LoadedPlugin]) -> Plan:
    """Work out what runs.

    Raises:
        WorkspaceError: with every fault of every plugin, and between them.
    """
    faults: list[AnyFault] = [fault for each in plugins for fault in each.faults]
    importable: list[ListedPlugin] = [each.as_listed for each in plugins if each.as_listed is not None]
    try:
        plan = plan_plugins(importable)
    except PluginInvalidError as error:
        # Whether a broken plugin would be the one that is missing, nobody knows.
        is_complete = not faults
        faults += [each for each in error.faults if is_complete or each.code is not _MISSING]
        raise WorkspaceError(faults) from None
    if faults:
        raise WorkspaceError(faults)
    return plan


def with_unlisted_told(workspace: Workspace, faults: Iterable[AnyFault]) -> list[AnyFault]:
    """Return faults, where a dependency that is missing and stands there unlisted says how to list it."""
    return [_mended(workspace, fault) for fault in faults]


def _mended(workspace: Workspace, fault: AnyFault) -> AnyFault:
    if not isinstance(fault, PluginFault) or fault.code is not _MISSING:
        return fault
    command = how_to_list(workspace, fault.place.rpartition(".")[2])
    return PluginFault(fault.code, fault.place, fault.problem, command) if command else fault
