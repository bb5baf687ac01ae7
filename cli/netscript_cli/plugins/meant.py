"""What somebody meant who names a distribution that is not there."""

from dataclasses import replace

from netscript_cli.entries import entries_of, name_of
from netscript_cli.workspace.distributions import CHECK_THE_NAME, GROUP, near_names
from netscript_cli.workspace.faults import WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.paths import is_path
from netscript_cli.workspace.unlisted import how_to_list
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import PluginKind


def with_what_was_meant(workspace: Workspace, spec: str, fault: WorkspaceFault) -> WorkspaceFault:
    """Return the fault of a distribution that is not there with what comes close to its name."""
    if is_path(spec) or fault.code is not WorkspaceFaultCode.PLUGIN_NOT_FOUND:
        return fault
    if command := how_to_list(workspace, spec):
        return replace(fault, fix=command)
    if spec in set(PluginKind):
        # A distribution of this name is a stranger's.
        return replace(fault, fix=f"to make a plugin of this kind: netscript plugin new {spec} --name NAME")
    offers = [name_of(point.dist) for point in entries_of(GROUP).points if point.name == spec]
    if close := [*offers, *near_names(spec)]:
        return replace(fault, fix=f"netscript plugin add {close[0]}")
    return replace(fault, fix=f"{CHECK_THE_NAME}; or name a path")
