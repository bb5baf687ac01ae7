"""Plugins that stand in a workspace which does not list them: whoever misses one is told how to."""

from netscript_cli.workspace.listing import key_of
from netscript_cli.workspace.specs import USUAL_MODULE
from netscript_cli.workspace.workspace import Workspace


def how_to_list(workspace: Workspace, name: str) -> str | None:
    """Return the command that lists a plugin of this name; ``None`` where none is there, or it is listed.

    Args:
        workspace: Where its own plugins are.
        name: Of the plugin, or of its folder.
    """
    path = f"./{workspace.plugins_folder}/{name.replace('-', '_')}/{USUAL_MODULE}"
    listed = {key_of(workspace.root, entry) for entry in workspace.plugins}
    if not (workspace.root / path).is_file() or key_of(workspace.root, path) in listed:
        return None
    return f"netscript plugin add {path}"
