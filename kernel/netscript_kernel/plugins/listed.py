"""A plugin as a workspace lists it."""

from dataclasses import dataclass

from netscript_kernel.plugins.manifest import PluginManifest


@dataclass(frozen=True, slots=True)
class ListedPlugin:
    """A manifest, and the words by which the workspace lists it.

    Attributes:
        manifest: What it is.
        listed: As the workspace lists it: a path, or the name of a distribution.
    """

    manifest: PluginManifest
    listed: str

    @property
    def label(self) -> str:
        """How faults name it."""
        return f"{self.manifest.name} ({self.listed})"
