"""``scaffold.plugin.json``: what a plugin is, beside it in a file, so that nobody has to run it to know.

It follows from the manifest. Its first two objects are for programs that look for one process and one port;
the third is the manifest itself.
"""

import json
from typing import Final, Literal, TypeAlias

from pydantic import Field

from netscript_kernel.plugins.contributions import ManifestModel
from netscript_kernel.plugins.manifest import PluginKind, PluginManifest

FILE_NAME: Final = "scaffold.plugin.json"

Category: TypeAlias = Literal["background-processor", "ingress", "utility"]

_CATEGORIES: Final[dict[PluginKind, Category]] = {
    PluginKind.WORKER: "background-processor",
    PluginKind.SAGA: "background-processor",
    PluginKind.TRIGGER: "ingress",
    PluginKind.STREAM: "utility",
    PluginKind.PLUGIN: "utility",
}


class Provider(ManifestModel):
    """What runs for a plugin.

    Attributes:
        kind: What it mostly contributes.
        category: What that is to whoever starts it.
        default_entrypoint: Of its first background processor.
        default_service_entrypoint: Of its first service.
        default_requires_db: Whether it needs a database.
        default_requires_kv: Whether it needs the key-value store.
        concurrency_env_var: By which an operator says how much that processor does at a time.
    """

    kind: PluginKind
    category: Category
    default_entrypoint: str | None = None
    default_service_entrypoint: str | None = None
    default_requires_db: bool = False
    default_requires_kv: bool = False
    concurrency_env_var: str | None = None


class OfficialSource(ManifestModel):
    """How a plugin is called and found.

    Attributes:
        canonical_name: The plugin's.
        service_port: Of its first service.
        dependencies: Names of plugins that are wired before it.
    """

    canonical_name: str
    service_port: int | None = None
    dependencies: tuple[str, ...] = ()


class Descriptor(ManifestModel):
    """The whole file.

    Attributes:
        manifest: ``None`` in a file that was written by hand.
    """

    provider: Provider
    official_source: OfficialSource
    manifest: PluginManifest | None = Field(default=None)


def describe_plugin(manifest: PluginManifest) -> Descriptor:
    """Return the descriptor that follows from a manifest."""
    given = manifest.contributions
    service = next(iter(given.services), None)
    processor = next(iter(given.background_processors), None)
    provider = Provider(
        kind=manifest.kind,
        category=_CATEGORIES[manifest.kind],
        default_entrypoint=processor.entrypoint if processor else None,
        default_service_entrypoint=service.entrypoint if service else None,
        default_requires_db=manifest.requires_db,
        default_requires_kv=manifest.requires_kv,
        concurrency_env_var=processor.concurrency_env if processor else None,
    )
    source = OfficialSource(
        canonical_name=manifest.name,
        service_port=service.port if service else None,
        dependencies=tuple(manifest.dependencies),
    )
    return Descriptor(provider=provider, official_source=source, manifest=manifest)


def encode_descriptor(descriptor: Descriptor) -> bytes:
    """Encode for the file: the same bytes for the same descriptor."""
    head = descriptor.model_dump(mode="json", by_alias=True, exclude={"manifest"}, exclude_none=True)
    if descriptor.manifest is not None:
        head["manifest"] = json.loads(descriptor.manifest.to_json())
    return f"{json.dumps(head, indent=2, ensure_ascii=False)}\n".encode()
