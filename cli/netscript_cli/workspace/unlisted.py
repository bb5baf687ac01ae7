"""Plugins that stand in a workspace which does not list them: whoever misses one is told how to."""

import os

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
    keys = {key_of(workspace.root, entry) for entry in workspace.plugins}
    # Of os.path, which raises nothing where a name is too long.
    is_there = os.path.isfile(workspace.root / path)  # noqa: PTH113
    if not is_there or key_of(workspace.root, path) in keys:
        return None
    return f"netscript plugin add {path}"
