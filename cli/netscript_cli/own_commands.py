"""The commands of this distribution: named here, imported when they are run."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, cast

from netscript_cli.groups import Command


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """One command or group of commands.

    Attributes:
        summary: One line.
        value: Where its Typer app is.
    """

    summary: str
    value: str

    def load(self) -> Command:
        """Import it."""
        module, _, name = self.value.partition(":")
        return cast("Command", getattr(import_module(module), name))


OWN_COMMANDS: Final[Mapping[str, OwnCommand]] = MappingProxyType(
    {
        "init": OwnCommand("Make a workspace of plugins.", "netscript_cli.commands.init:app"),
        "contract": OwnCommand(
            "The contracts of a workspace: which there are, and what a change of one breaks.",
            "netscript_cli.commands.contract:app",
        ),
        "dev": OwnCommand(
            "Run all services and background processors of a workspace on this machine.",
            "netscript_cli.commands.dev:app",
        ),
        "e2e": OwnCommand(
            "Run the gates of its plugins: commands that have to succeed before a change is good.",
            "netscript_cli.commands.e2e:app",
        ),
        "generate": OwnCommand(
            "Write what follows from plugins: their registries, and descriptors.",
            "netscript_cli.commands.generate:app",
        ),
        "plugin": OwnCommand(
            "The plugins of a workspace: which there are, and whether all is well.",
            "netscript_cli.commands.plugin:app",
        ),
    }
)
"""By what follows ``netscript``; no plugin may offer a group of one of these names."""
