"""Which plugin of a workspace somebody means."""

from collections.abc import Sequence

from netscript_cli.suggestions import what_there_is
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.listing import key_of
from netscript_cli.workspace.unlisted import how_to_list
from netscript_cli.workspace.workspace import Workspace


def choose(workspace: Workspace, plugins: Sequence[FoundPlugin], name: str) -> FoundPlugin:
    """Return the plugin that somebody means, by its name or as it is listed.

    Raises:
        WorkspaceError: there is none.
    """
    named = [plugin for plugin in plugins if plugin.name == name]
    as_listed = [
        plugin for plugin in plugins if key_of(workspace.root, plugin.listed) == key_of(workspace.root, name)
    ]
    for plugin in (*named, *as_listed):
        return plugin
    command = how_to_list(workspace, name)
    listing = f"one is there that is not listed; to list it: {command}" if command else None
    fix = listing or _which_there_are(name, plugins)
    problem, code = "is no plugin that the workspace lists", WorkspaceFaultCode.PLUGIN_UNKNOWN
    raise WorkspaceError([WorkspaceFault(code, name, problem, fix)])


def _which_there_are(name: str, plugins: Sequence[FoundPlugin]) -> str:
    """Say which plugins there are. One that tells no name may be the one that is meant."""
    nameless = sorted(plugin.listed for plugin in plugins if plugin.descriptor is None)
    others = sorted(plugin.name for plugin in plugins if plugin.descriptor is not None)
    if not nameless:
        return what_there_is(name, others)
    known = f"; there are besides: {', '.join(others)}" if others else ""
    return f"it may be {' or '.join(nameless)}, whose name cannot be read{known}"
