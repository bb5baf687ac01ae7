"""``define_plugin``: a manifest, one axis at a time. Each step gives a new builder; ``build`` checks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from netscript_kernel.contracts import Contract
from netscript_kernel.plugins.manifest import PluginKind, PluginManifest
from netscript_kernel.plugins.reading import read_manifest


class Gate(TypedDict):
    """See :class:`~netscript_kernel.plugins.contributions.E2eGate`."""

    name: str
    command: str


class ContractVersion(TypedDict):
    """See :class:`~netscript_kernel.plugins.contributions.ContractVersionContribution`."""

    version: str
    contract: str


class Installer(TypedDict):
    """See :class:`~netscript_kernel.plugins.contributions.TelemetryContribution`."""

    name: str
    installer: str


@dataclass(frozen=True, slots=True)
class PluginBuilder:
    """A manifest under way; made by :func:`define_plugin`. Nothing is checked before :meth:`build`.

    What is said twice counts as said last; lists grow.
    """

    _fields: Mapping[str, Any]
    _axes: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def with_kind(self, kind: PluginKind | str) -> "PluginBuilder":
        """Say what it mostly contributes."""
        return self._with(kind=kind)

    def with_display_name(self, name: str) -> "PluginBuilder":
        """Say how people call it."""
        return self._with(display_name=name)

    def with_description(self, text: str) -> "PluginBuilder":
        """Say what it is for, in at most 250 characters."""
        return self._with(description=text)

    def with_author(self, author: str) -> "PluginBuilder":
        """Say who wrote it."""
        return self._with(author=author)

    def with_license(self, name: str) -> "PluginBuilder":
        """Say under which license it may be used, by its SPDX identifier."""
        return self._with(license=name)

    def with_tags(self, *tags: str) -> "PluginBuilder":
        """Say by which words it is found."""
        return self._with(tags=tags)

    def with_metadata(self, metadata: Mapping[str, object]) -> "PluginBuilder":
        """Say what else programs that list plugins may want to know; any JSON."""
        return self._with(metadata=metadata)

    def with_requirements(self, *, kv: bool = False, db: bool = False) -> "PluginBuilder":
        """Say what it needs beside itself: the key-value store, a database."""
        return self._with(requires_kv=kv, requires_db=db)

    def with_dependencies(self, wanted: Mapping[str, "bool | str | PluginManifest"]) -> "PluginBuilder":
        """Name plugins that are wired before this one.

        Args:
            wanted: By name: ``True`` for any version, a range such as ``">=0.1"``, or the manifest of the
                one that this was made with, which is its version or a later one.
        """
        return self._with(dependencies={**self._fields.get("dependencies", {}), **wanted})

    def with_service(
        self, name: str, entrypoint: str, port: int, *, health_path: str = "/health/ready"
    ) -> "PluginBuilder":
        """Add an API process; see ``ServiceContribution``."""
        service = {"name": name, "entrypoint": entrypoint, "port": port, "health_path": health_path}
        return self._adding("services", service)

    def with_background_processor(
        self, name: str, entrypoint: str, *, concurrency: int = 1, concurrency_env: str | None = None
    ) -> "PluginBuilder":
        """Add a process that works without being asked; see ``BackgroundProcessorContribution``."""
        processor = {
            "name": name,
            "entrypoint": entrypoint,
            "concurrency": concurrency,
            "concurrency_env": concurrency_env,
        }
        return self._adding("background_processors", processor)

    def with_contract_versions(self, versions: Sequence[ContractVersion | type[Contract]]) -> "PluginBuilder":
        """Add versions of its API: contracts, or where they are, so that a manifest imports none of them."""
        return self._adding("contract_versions", *map(_contract_version, versions))

    def with_e2e(self, gates: Sequence[Gate]) -> "PluginBuilder":
        """Add commands that have to succeed before a change is good."""
        return self._adding("e2e", *gates)

    def with_telemetry(self, installers: Sequence[Installer]) -> "PluginBuilder":
        """Add instrumentation that is installed as each process of the plugin starts."""
        return self._adding("telemetry", *installers)

    def with_doctor(self, entrypoint: str) -> "PluginBuilder":
        """Name a function that ``netscript plugin doctor`` calls; it returns each ``PluginFinding``."""
        return self._setting("doctor", entrypoint)

    def with_stream_topics(self, topics: Sequence[Mapping[str, object]]) -> "PluginBuilder":
        """Add durable topics."""
        return self._adding("stream_topics", *topics)

    def with_db_schemas(self, schemas: Sequence[Mapping[str, object]]) -> "PluginBuilder":
        """Add tables."""
        return self._adding("db_schemas", *schemas)

    def with_migrations(self, migrations: Sequence[Mapping[str, object]]) -> "PluginBuilder":
        """Add migrations of tables."""
        return self._adding("migrations", *migrations)

    def with_runtime_config_topics(self, topics: Sequence[Mapping[str, object]]) -> "PluginBuilder":
        """Add settings that operators change while everything runs."""
        return self._adding("runtime_config_topics", *topics)

    def with_handlers(self, handlers: Sequence[Mapping[str, object]]) -> "PluginBuilder":
        """Add named operations that other plugins call."""
        return self._adding("handlers", *handlers)

    def with_aspire(self, entrypoint: str) -> "PluginBuilder":
        """Name what adds to an application host of Aspire."""
        return self._setting("aspire", entrypoint)

    def with_deploy(self, entrypoint: str) -> "PluginBuilder":
        """Name what adds to exported deployments."""
        return self._setting("deploy", entrypoint)

    def build(self) -> PluginManifest:
        """Check all of it, and return the manifest.

        Raises:
            PluginInvalidError: with every fault.
        """
        return read_manifest({**self._fields, "contributions": self._axes})

    def _with(self, **fields: object) -> "PluginBuilder":
        return replace(self, _fields={**self._fields, **fields})

    def _setting(self, axis: str, value: object) -> "PluginBuilder":
        return replace(self, _axes={**self._axes, axis: value})

    def _adding(self, axis: str, *items: object) -> "PluginBuilder":
        return self._setting(axis, (*self._axes.get(axis, ()), *items))


def define_plugin(name: str, version: str) -> PluginBuilder:
    """Begin a manifest.

    Args:
        name: Lower-case letters, digits and hyphens; unique among all plugins of a workspace.
        version: Such as ``0.1.0``.
    """
    return PluginBuilder({"name": name, "version": version})


def _contract_version(version: ContractVersion | type[Contract]) -> object:
    if not isinstance(version, type):
        return version
    return {"version": version.version, "contract": f"{version.__module__}:{version.__qualname__}"}
