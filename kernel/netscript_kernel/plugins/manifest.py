"""What a plugin is: data that runs nothing, that nobody can change, and that goes to JSON and back."""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field, StrictBool, StringConstraints

from netscript_kernel.plugins.contributions import (
    BackgroundProcessorContribution,
    ContractVersionContribution,
    DatabaseSchemaContribution,
    E2eGate,
    Entrypoint,
    HandlerContribution,
    ManifestModel,
    MigrationContribution,
    RuntimeConfigTopicContribution,
    ServiceContribution,
    StreamTopicContribution,
    TelemetryContribution,
    Words,
)
from netscript_kernel.plugins.frozen_json import FrozenJsonObject
from netscript_kernel.plugins.names import PluginName
from netscript_kernel.plugins.versions import Dependencies, VersionText

_LONGEST_DESCRIPTION = 250

Description: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=_LONGEST_DESCRIPTION)
]


class PluginKind(StrEnum):
    """What a plugin mostly contributes."""

    WORKER = "worker"
    SAGA = "saga"
    TRIGGER = "trigger"
    STREAM = "stream"
    PLUGIN = "plugin"


class Contributions(ManifestModel):
    """What a plugin contributes, by axis.

    Attributes:
        doctor: A function without arguments that returns what its own checks find, each as a
            :class:`~netscript_kernel.plugins.findings.PluginFinding`, for ``netscript plugin doctor``.
        aspire: What it adds to an application host of Aspire.
        deploy: What it adds to exported deployments.
    """

    services: tuple[ServiceContribution, ...] = ()
    background_processors: tuple[BackgroundProcessorContribution, ...] = ()
    contract_versions: tuple[ContractVersionContribution, ...] = ()
    e2e: tuple[E2eGate, ...] = Field(default=(), alias="e2e")  # which would be e2E by the rule of the others
    telemetry: tuple[TelemetryContribution, ...] = ()
    doctor: Entrypoint | None = None
    stream_topics: tuple[StreamTopicContribution, ...] = ()
    db_schemas: tuple[DatabaseSchemaContribution, ...] = ()
    migrations: tuple[MigrationContribution, ...] = ()
    runtime_config_topics: tuple[RuntimeConfigTopicContribution, ...] = ()
    handlers: tuple[HandlerContribution, ...] = ()
    aspire: Entrypoint | None = None
    deploy: Entrypoint | None = None


class PluginManifest(ManifestModel):
    """One plugin. :func:`~netscript_kernel.plugins.builder.define_plugin` begins it.

    Attributes:
        name: Unique among all plugins of a workspace.
        version: As PEP 440 has it, which reads most of what Semantic Versioning writes.
        kind: What it mostly contributes.
        metadata: Any JSON, for whoever lists plugins.
        dependencies: Plugins that are wired before this one: name to range of versions, ``""`` for any.
        requires_kv: Whether it needs the key-value store that ``NETSCRIPT_KV_URL`` names.
        requires_db: Whether it needs a database.
    """

    name: PluginName
    version: VersionText
    kind: PluginKind = PluginKind.PLUGIN
    display_name: Words | None = None
    description: Description = ""
    author: Words | None = None
    license: Words | None = None
    tags: tuple[Words, ...] = ()
    metadata: FrozenJsonObject = Field(default={}, validate_default=True)
    dependencies: Dependencies = Field(default={}, validate_default=True)
    requires_kv: StrictBool = False
    requires_db: StrictBool = False
    contributions: Contributions = Contributions()

    def to_json(self) -> bytes:
        """Encode, without what is as it is by default; ``read_manifest_json`` reads it back."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True, indent=2).encode()
