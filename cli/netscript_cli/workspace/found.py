"""A plugin that a workspace lists, as far as it is known without running anything of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from netscript_cli.workspace.faults import WorkspaceFault
from netscript_cli.workspace.static_descriptor import StaticDescriptor


class Origin(StrEnum):
    """Where a plugin comes from."""

    WORKSPACE = "workspace"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """One entry of the list.

    Attributes:
        listed: As the workspace lists it.
        origin: Whether it is the workspace's own.
        called: How to call it where no descriptor tells its name.
        module: By which name the module that exports the manifest is imported; ``None`` where none is there.
        attribute: What holds the manifest in there, where the distribution says so.
        file: The file of that module.
        folder: Where its descriptor belongs.
        distribution: Name and version of what is installed, such as ``acme-plugin 1.0``.
        descriptor: What it says of itself; ``None`` where that is missing or cannot be read.
        descriptor_fault: Why there is none, or why it cannot be relied on.
        fault: Why it cannot be used; ``None`` where nothing shows as yet. It has a module then.
    """

    listed: str
    origin: Origin
    called: str
    module: str | None = None
    attribute: str | None = None
    file: Path | None = None
    folder: Path | None = None
    distribution: str | None = None
    descriptor: StaticDescriptor | None = field(default=None, repr=False)
    descriptor_fault: WorkspaceFault | None = None
    fault: WorkspaceFault | None = None

    @property
    def name(self) -> str:
        """The plugin's name, or the best guess at it."""
        return self.descriptor.name if self.descriptor else self.called

    @property
    def broken(self) -> WorkspaceFault | None:
        """Why it is shown as broken: it cannot be used, or nothing is known of it."""
        return self.fault or self.descriptor_fault
