"""The command ``netscript``: finds the groups of commands of installed plugins, runs the one asked for."""
