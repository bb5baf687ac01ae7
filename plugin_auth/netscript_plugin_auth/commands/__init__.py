"""``netscript auth ...``: what an operator types, a module for each group; ``tree`` names them all."""

from netscript_plugin_auth.commands.tree import app

__all__ = ["app"]
