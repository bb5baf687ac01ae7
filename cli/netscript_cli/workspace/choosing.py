"""Which plugin of a workspace somebody means."""

from collections.abc import Sequence
from pathlib import Path

from netscript_cli.suggestions import what_there_is
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.listing import key_of


def choose(root: Path, plugins: Sequence[FoundPlugin], name: str) -> FoundPlugin:
    """Return the plugin that somebody means, by its name or as it is listed.

    Raises:
        WorkspaceError: there is none.
    """
    named = [plugin for plugin in plugins if plugin.name == name]
    listed = [plugin for plugin in plugins if key_of(root, plugin.listed) == key_of(root, name)]
    for plugin in (*named, *listed):
        return plugin
    fix = what_there_is(name, sorted(plugin.name for plugin in plugins))
    problem, code = "is no plugin that the workspace lists", WorkspaceFaultCode.PLUGIN_UNKNOWN
    raise WorkspaceError([WorkspaceFault(code, name, problem, fix)])
