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
        "generate": OwnCommand(
            "Write what follows from the plugins of the workspace.", "netscript_cli.commands.generate:app"
        ),
    }
)
"""By what follows ``netscript``; no plugin may offer a group of one of these names."""
