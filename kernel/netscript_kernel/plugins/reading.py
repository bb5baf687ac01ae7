"""Reads manifests: from JSON, or from what a builder gathered. Every fault is told, not only the first."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from netscript_kernel.plugins.draft_rules import faults_of_draft
from netscript_kernel.plugins.faults import FaultCode, PluginFault, PluginInvalidError
from netscript_kernel.plugins.manifest import PluginManifest

_CODES: Final = frozenset(code.value for code in FaultCode)
_UNKNOWN: Final = "extra_forbidden"
_NAMELESS: Final = "the plugin"


def read_manifest(draft: Mapping[str, object]) -> PluginManifest:
    """Make a manifest out of its fields.

    Args:
        draft: By the names of Python or of JSON.

    Raises:
        PluginInvalidError: with every fault.
    """
    label = _label(draft)
    beyond_fields = tuple(faults_of_draft(label, draft))
    try:
        manifest = PluginManifest.model_validate(dict(draft))
    except ValidationError as error:
        in_fields = [fault_of(label, each) for each in error.errors(include_url=False)]
        raise PluginInvalidError([*in_fields, *beyond_fields]) from None
    if beyond_fields:
        raise PluginInvalidError(beyond_fields)
    return manifest


def read_manifest_json(text: str | bytes) -> PluginManifest:
    """Make a manifest out of what :meth:`PluginManifest.to_json` wrote.

    Raises:
        PluginInvalidError: with every fault.
    """
    try:
        draft: object = json.loads(text)
    except (ValueError, RecursionError):
        draft = None
    if not isinstance(draft, dict):
        fix = "write a JSON object with name, version and contributions"
        raise PluginInvalidError([PluginFault(FaultCode.FIELD_INVALID, _NAMELESS, "is no JSON object", fix)])
    return read_manifest(cast("dict[str, Any]", draft))


def _label(draft: Mapping[str, object]) -> str:
    name = draft.get("name")
    return name if isinstance(name, str) and name.isprintable() and name else _NAMELESS


def fault_of(label: str, details: ErrorDetails) -> PluginFault:
    """Return what a validator found, with its code and its fix."""
    place = f"{label}: {_path(details['loc'])}"
    if details["type"] == _UNKNOWN:
        fix = "remove it, or write it as the documentation does"
        return PluginFault(FaultCode.UNKNOWN_FIELD, place, "is no field of a manifest", fix)
    if details["type"] in _CODES:
        context = details.get("ctx", {})
        return PluginFault(FaultCode(details["type"]), place, context["problem"], context["fix"])
    problem = details["msg"][:1].lower() + details["msg"][1:]
    return PluginFault(FaultCode.FIELD_INVALID, place, f"is not valid: {problem}", "correct it")


def _path(location: tuple[int | str, ...]) -> str:
    """Write a place as Python would: ``contributions.services[0].port``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".").removesuffix(".[key]") or "itself"
