"""Finds the manifest that a module exports. Runs code of a plugin, so it runs in a process of its own."""

from collections.abc import Mapping
from types import ModuleType
from typing import Final, TypeAlias, final

from typing_extensions import TypedDict

from netscript_cli.workspace.expected_module import Elsewhere, import_expected
from netscript_kernel.plugins import FaultCode, PluginBuilder, PluginFault, PluginInvalidError, PluginManifest

USUAL: Final = "manifest"


@final
class NoManifest(TypedDict):
    """What there is instead."""

    none: str


@final
class SeveralManifests(TypedDict):
    """Their names."""

    several: list[str]


class ToldFault(TypedDict):
    """One fault of a manifest."""

    code: FaultCode
    place: str
    problem: str
    fix: str


@final
class FaultyManifest(TypedDict):
    """All that is wrong with it."""

    faults: list[ToldFault]


@final
class OneManifest(TypedDict):
    """The manifest as JSON."""

    manifest: str


ManifestAnswer: TypeAlias = Elsewhere | NoManifest | SeveralManifests | FaultyManifest | OneManifest


def probe_manifest(module: str, attribute: str | None, file: str) -> ManifestAnswer:
    """Import a module, and return its manifest as JSON, or what is wrong with it.

    Args:
        module: As it is imported.
        attribute: What holds the manifest, where that is known; else ``manifest``, or the only one there is.
        file: Where the module has to come from.
    """
    try:
        imported = import_expected(module, file)
    except PluginInvalidError as error:
        return {"faults": [_told(fault) for fault in error.faults]}
    if not isinstance(imported, ModuleType):
        return imported
    found = _manifests(imported, attribute)
    if len(found) == 1:
        return {"manifest": next(iter(found.values())).to_json().decode()}
    if found:
        return {"several": sorted(found)}
    return {"none": _what_there_is(imported, attribute or USUAL)}


def _told(fault: PluginFault) -> ToldFault:
    return {"code": fault.code, "place": fault.place, "problem": fault.problem, "fix": fault.fix}


def _manifests(module: ModuleType, attribute: str | None) -> Mapping[str, PluginManifest]:
    named = vars(module).get(attribute or USUAL)
    if isinstance(named, PluginManifest):
        return {attribute or USUAL: named}
    if attribute is not None or named is not None:
        return {}
    # The same one under two names is one.
    by_identity = {
        id(value): (name, value) for name, value in vars(module).items() if isinstance(value, PluginManifest)
    }
    return dict(by_identity.values())


def _what_there_is(module: ModuleType, attribute: str) -> str:
    found = vars(module).get(attribute)
    if isinstance(found, PluginBuilder):
        return f"{attribute} is a builder that nobody has told to build()"
    if found is None:
        return f"there is no {attribute}"
    return f"{attribute} is of type {type(found).__name__}"
