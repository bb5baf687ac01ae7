"""What plugins need of one another, and what two of them cannot both have."""

from netscript_cli.doctor.check import Context, Found, by_plugin
from netscript_cli.workspace.planning import with_unlisted_told
from netscript_kernel.plugins import FaultCode, PluginFault
from netscript_kernel.plugins.conflicts import conflicts_between
from netscript_kernel.plugins.ordering import faults_of_dependencies


def look_at_dependencies(context: Context) -> Found:
    """Find dependencies that are missing, out of range or in a circle."""
    faults = faults_of_dependencies(context.manifests)
    known = [fault for fault in faults if not _is_of_broken(context, fault)]
    return by_plugin(context, with_unlisted_told(context.workspace, known))


def look_at_duplicates(context: Context) -> Found:
    """Find names that two have."""
    faults = conflicts_between(context.manifests)
    return by_plugin(context, [fault for fault in faults if fault.code is not FaultCode.PORT_CLASH])


def _is_of_broken(context: Context, fault: PluginFault) -> bool:
    """Whether a plugin is only missing because it is broken, which is told of it."""
    is_missing = fault.code is FaultCode.DEPENDENCY_MISSING
    return is_missing and fault.place.rpartition(".")[2] in context.broken
