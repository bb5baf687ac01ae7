"""Whether each plugin is there, exports a manifest, and has a descriptor that follows from it."""

from collections.abc import Sequence
from dataclasses import replace

from netscript_cli.doctor.check import Context, Finding, Found
from netscript_cli.workspace.discovery import fix_of_descriptor
from netscript_cli.workspace.faults import AnyFault, WorkspaceFaultCode
from netscript_cli.workspace.found import Origin
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_kernel.plugins import PluginInvalidError, PluginManifest
from netscript_kernel.plugins.descriptor_reading import drift_of, read_descriptor

_OF_MODULES = frozenset(
    {
        WorkspaceFaultCode.PLUGIN_NOT_FOUND,
        WorkspaceFaultCode.PLUGIN_NOT_OFFERED,
        WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE,
        WorkspaceFaultCode.PLUGIN_BROKEN,
    }
)


def look_at_modules(context: Context) -> Found:
    """Find plugins that cannot be imported."""
    return {each.found.listed: _of_module(each.faults) for each in context.plugins}


def look_at_manifests(context: Context) -> Found:
    """Find modules that export no manifest, or one with faults."""
    return {
        each.found.listed: [Finding.of(fault) for fault in each.faults]
        for each in context.plugins
        if not _of_module(each.faults)
    }


def look_at_descriptors(context: Context) -> Found:
    """Find descriptors that are missing, faulty, or say something else than the manifest."""
    return {
        each.found.listed: [_finding(each, fault) for fault in _of_descriptor(each, each.manifest)]
        for each in context.plugins
        if each.manifest is not None
    }


def _of_module(faults: Sequence[AnyFault]) -> Sequence[Finding]:
    return [Finding.of(fault) for fault in faults if fault.code in _OF_MODULES]


def _of_descriptor(plugin: LoadedPlugin, manifest: PluginManifest) -> Sequence[AnyFault]:
    known, fault = plugin.found.descriptor, plugin.found.descriptor_fault
    if known is None:
        return () if fault is None else (fault,)
    try:
        descriptor = read_descriptor(known.text, plugin.found.listed)
    except PluginInvalidError as error:
        return error.faults
    return tuple(drift_of(descriptor, manifest, plugin.found.listed))


def _finding(plugin: LoadedPlugin, fault: AnyFault) -> Finding:
    """Return a fault of a descriptor, which only those can write anew whose plugin it is."""
    finding = Finding.of(fault)
    is_own = plugin.found.origin is Origin.WORKSPACE
    return finding if is_own else replace(finding, fix=fix_of_descriptor(plugin.found))
