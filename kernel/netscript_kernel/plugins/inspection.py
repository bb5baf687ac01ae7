"""What a plugin is, for people and programs that list plugins."""

from dataclasses import asdict, dataclass
from typing import Any, cast

from netscript_kernel.plugins.manifest import PluginManifest


@dataclass(frozen=True, slots=True)
class Inspection:
    """A plugin in short.

    Attributes:
        name: Its name.
        version: Its version.
        kind: What it mostly contributes.
        summary: One line.
        ports: Port of each service, by its name.
        contributions: How many of each axis, of those that it has any of.
        dependencies: Range of versions by name.
    """

    name: str
    version: str
    kind: str
    summary: str
    ports: dict[str, int]
    contributions: dict[str, int]
    dependencies: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)


def inspect_plugin(manifest: PluginManifest) -> Inspection:
    """Return what a plugin is, without running anything of it."""
    given = manifest.contributions
    values: dict[str, object] = {axis: getattr(given, axis) for axis in type(given).model_fields}
    counts = {axis: _count(value) for axis, value in values.items() if value}
    return Inspection(
        name=manifest.name,
        version=manifest.version,
        kind=manifest.kind.value,
        summary=manifest.description or manifest.display_name or manifest.name,
        ports={service.name: service.port for service in given.services},
        contributions=counts,
        dependencies=dict(manifest.dependencies),
    )


def _count(contributed: object) -> int:
    return len(cast("tuple[object, ...]", contributed)) if isinstance(contributed, tuple) else 1
