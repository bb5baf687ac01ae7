"""Plugins: a manifest says what one contributes, and one Plan over all of them says what runs.

::

    from netscript_kernel.plugins import define_plugin

    manifest = (
        define_plugin("notifier", "0.1.0")
        .with_description("Delivers notifications.")
        .with_service("notifier-api", "plugins.notifier.service:main", port=8095)
        .with_dependencies({"streams": ">=0.1"})
        .build()
    )

Importing this needs nothing beyond Pydantic and packaging, and runs nothing of any plugin.
"""

from netscript_kernel.plugins.builder import PluginBuilder, define_plugin
from netscript_kernel.plugins.faults import FaultCode, PluginFault, PluginInvalidError
from netscript_kernel.plugins.findings import PluginFinding, Severity
from netscript_kernel.plugins.inspection import Inspection, inspect_plugin
from netscript_kernel.plugins.manifest import PluginKind, PluginManifest
from netscript_kernel.plugins.plan import ListedPlugin, Plan, plan_plugins
from netscript_kernel.plugins.reading import read_manifest, read_manifest_json

__all__ = [
    "FaultCode",
    "Inspection",
    "ListedPlugin",
    "Plan",
    "PluginBuilder",
    "PluginFault",
    "PluginFinding",
    "PluginInvalidError",
    "PluginKind",
    "PluginManifest",
    "Severity",
    "define_plugin",
    "inspect_plugin",
    "plan_plugins",
    "read_manifest",
    "read_manifest_json",
]
