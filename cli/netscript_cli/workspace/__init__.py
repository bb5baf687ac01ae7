"""A workspace: a folder with ``netscript.toml``, which lists plugins, and with plugins of its own."""
