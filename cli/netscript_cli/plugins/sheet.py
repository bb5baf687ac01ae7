"""``netscript plugin info NAME``: everything that a plugin says of itself, without running it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Final

from netscript_cli.plugins.listing import as_row
from netscript_cli.telling import FAILED, tell
from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.choosing import choose
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import AnyFault, as_document
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.search import find_workspace
from netscript_kernel.plugins import PluginInvalidError, PluginManifest
from netscript_kernel.plugins.contributions import BackgroundProcessorContribution, ServiceContribution
from netscript_kernel.plugins.descriptor_reading import read_descriptor

_WIDTH: Final = 100


def print_plugin(name: str, project_root: Path | None, *, as_json: bool) -> int:
    """Print a plugin, and return the exit code: 1 where it is broken.

    Raises:
        WorkspaceError: there is no workspace, or it is not valid, or does not list it.
    """
    workspace = find_workspace(project_root=project_root)
    plugin = choose(workspace, find_plugins(workspace), name)
    manifest, faults = _read(plugin)
    document = {
        **as_row(plugin),
        "module": plugin.module,
        "folder": str(plugin.folder) if plugin.folder else None,
        "manifest": manifest.model_dump(mode="json", by_alias=True) if manifest else None,
        "faults": [as_document(fault) for fault in faults],
    }
    tell(document, "".join(f"{line}\n" for line in _lines(plugin, manifest)), as_json=as_json)
    for fault in faults:
        sys.stderr.write(f"broken: {in_one_line(str(fault))}\n")
    return FAILED if faults else 0


def _read(plugin: FoundPlugin) -> tuple[PluginManifest | None, tuple[AnyFault, ...]]:
    """Read its descriptor again, strictly, with every fault."""
    broken = (plugin.broken,) if plugin.broken else ()
    if plugin.descriptor is None:
        return None, broken
    try:
        return read_descriptor(plugin.descriptor.text, plugin.listed).manifest, broken
    except PluginInvalidError as error:
        return None, (*broken, *error.faults)


def _lines(plugin: FoundPlugin, manifest: PluginManifest | None) -> Iterator[str]:
    known = plugin.descriptor
    if known is None:
        yield from _origin(plugin, plugin.name)
        return
    yield from _origin(plugin, f"{plugin.name} {known.version}".rstrip() + f", {known.kind}")
    if manifest is None:
        ports = [f"{each.name} :{each.port}".strip() for each in known.services]
        yield from _section("Services", ports)
        yield from _section("Needs", (f"the plugin {name}" for name in known.dependencies))
        return
    yield from wrap(manifest.description, _WIDTH)
    yield from _section("About", _about(manifest))
    yield from _contributions(manifest)
    yield from _section("Needs", _needs(manifest))


def _origin(plugin: FoundPlugin, title: str) -> Iterator[str]:
    yield title
    where = plugin.distribution or plugin.listed
    yield f"from {where}" + (f", as {plugin.module}" if plugin.module else "")


def _about(manifest: PluginManifest) -> Iterator[str]:
    told = {"author": manifest.author, "license": manifest.license, "tags": ", ".join(manifest.tags)}
    return (f"{name} {value}" for name, value in told.items() if value)


def _contributions(manifest: PluginManifest) -> Iterator[str]:
    given = manifest.contributions
    yield from _section("Services", map(_service, given.services))
    yield from _section("Background processors", map(_processor, given.background_processors))
    yield from _section("Contracts", (f"{each.version}  {each.contract}" for each in given.contract_versions))
    yield from _section("Gates", (f"{each.name}  {each.command}" for each in given.e2e))
    yield from _section("Instrumentation", (f"{each.name}  {each.installer}" for each in given.telemetry))
    yield from _section("Checks of its own", [given.doctor] if given.doctor else [])


def _service(each: ServiceContribution) -> str:
    return f"{each.name} :{each.port}  {each.entrypoint}  ready at {each.health_path}"


def _processor(each: BackgroundProcessorContribution) -> str:
    chosen = f", or what {each.concurrency_env} says" if each.concurrency_env else ""
    return f"{each.name}  {each.entrypoint}  {each.concurrency} at a time{chosen}"


def _needs(manifest: PluginManifest) -> Iterator[str]:
    for name, wanted in manifest.dependencies.items():
        yield f"the plugin {name}, {wanted or 'any version'}"
    if manifest.requires_kv:
        yield "the key-value store that NETSCRIPT_KV_URL names"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"  {item}" for item in items]
    if lines:
        yield from ("", title, *lines)
