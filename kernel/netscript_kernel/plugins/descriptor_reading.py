"""Reads descriptors, and holds them against the manifests that they should follow from."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from pydantic import ValidationError

from netscript_kernel.plugins.contributions import ManifestModel
from netscript_kernel.plugins.descriptor import FILE_NAME, Descriptor, describe_plugin
from netscript_kernel.plugins.faults import FaultCode, PluginFault, PluginInvalidError
from netscript_kernel.plugins.manifest import PluginManifest
from netscript_kernel.plugins.reading import fault_of, read_manifest

_GENERATE: Final = "write it anew with: netscript generate plugins"
_PERMISSIONS: Final = (
    "is left out here: Python grants permissions to a process, not to a program",
    "remove it; the operating system or the container says what a process may do",
)
_PORT_RANGE: Final = (
    "is left out here: each service has one port of its own",
    "remove it, and set officialSource.servicePort",
)
_LEFT_OUT: Final = {
    "defaultPermissions": _PERMISSIONS,
    "permissions": _PERMISSIONS,
    "portRangeKey": _PORT_RANGE,
}


def read_descriptor(text: bytes, label: str) -> Descriptor:
    """Read the file of a plugin.

    Args:
        text: What stands in it.
        label: How faults name it.

    Raises:
        PluginInvalidError: with every fault.
    """
    document = _object(text, label)
    faults = [*_left_out(document, label)]
    told = {fault.place for fault in faults}
    manifest: PluginManifest | None = None
    try:
        if document.get("manifest") is not None:
            manifest = read_manifest(_mapping(document["manifest"]))
    except PluginInvalidError as error:
        faults += error.faults
    try:
        read = Descriptor.model_validate({**document, "manifest": manifest})
    except ValidationError as error:
        in_fields = [fault_of(label, each) for each in error.errors(include_url=False)]
        raise PluginInvalidError([*faults, *(each for each in in_fields if each.place not in told)]) from None
    if faults:
        raise PluginInvalidError(faults)
    return read


def drift_of(descriptor: Descriptor, manifest: PluginManifest, label: str) -> Iterator[PluginFault]:
    """Yield each part of a descriptor that does not follow from the manifest."""
    expected = describe_plugin(manifest)
    for part in ("provider", "official_source", "manifest"):
        found, wanted = getattr(descriptor, part), getattr(expected, part)
        if found == wanted:
            continue
        fields = _differing(found, wanted)
        problem = f"differs from what the plugin says: {', '.join(fields)}"
        yield PluginFault(FaultCode.DESCRIPTOR_DRIFT, f"{label}: {part}", problem, _GENERATE)


def _differing(found: ManifestModel | None, wanted: ManifestModel) -> list[str]:
    if found is None:
        return ["it is not there"]
    return [name for name in type(wanted).model_fields if getattr(found, name) != getattr(wanted, name)]


def _object(text: bytes, label: str) -> dict[str, Any]:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        problem = f"is no JSON object, as {FILE_NAME} has to be"
        raise PluginInvalidError([PluginFault(FaultCode.DESCRIPTOR_INVALID, label, problem, _GENERATE)])
    return cast("dict[str, Any]", document)


def _left_out(document: Mapping[str, Any], label: str) -> Iterator[PluginFault]:
    """Yield fields that descriptors elsewhere have, and that mean nothing here."""
    for part in ("provider", "officialSource"):
        for name in _mapping(document.get(part)):
            if name in _LEFT_OUT:
                problem, fix = _LEFT_OUT[name]
                yield PluginFault(FaultCode.UNKNOWN_FIELD, f"{label}: {part}.{name}", problem, fix)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
