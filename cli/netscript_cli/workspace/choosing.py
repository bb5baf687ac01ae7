"""Which plugin of a workspace somebody means."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.listing import key_of


class UnknownPluginError(Exception):
    """No plugin of the workspace has this name; says which there are."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        close = get_close_matches(name.lower(), known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        there_are = ", ".join(sorted(known)) or "none"
        super().__init__(f"the workspace lists no plugin {name!r}.{meant} There are: {there_are}")


def choose(root: Path, plugins: Sequence[FoundPlugin], name: str) -> FoundPlugin:
    """Return the plugin that somebody means, by its name or as it is listed.

    Raises:
        UnknownPluginError: there is none.
    """
    named = [plugin for plugin in plugins if plugin.name == name]
    listed = [plugin for plugin in plugins if key_of(root, plugin.listed) == key_of(root, name)]
    for plugin in (*named, *listed):
        return plugin
    raise UnknownPluginError(name, [plugin.name for plugin in plugins])
