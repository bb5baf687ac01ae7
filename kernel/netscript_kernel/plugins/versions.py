"""Versions of plugins, and ranges of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from netscript_kernel.plugins.contributions import invalid
from netscript_kernel.plugins.faults import FaultCode
from netscript_kernel.plugins.names import PluginName

ANY: Final = ""
"""The range that every version is in."""


def is_in_range(version: str, allowed: str) -> bool:
    """Whether a version is in a range; one before a release is, if the range has nothing against it."""
    return SpecifierSet(allowed).contains(Version(version), prereleases=True)


def _version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion:
        problem, fix = f"cannot be {text!r}", "use a version such as 0.1.0, 1.2.3rc1 or 2026.11"
        raise invalid(FaultCode.VERSION_INVALID, problem, fix) from None
    return text


def _range(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        fix = "use ranges such as >=0.1, >=1.2,<2 or ==1.*; there is no ^ and no ~ alone"
        raise invalid(FaultCode.DEPENDENCY_INVALID, f"cannot be {text!r}", fix) from None
    return text


def _as_range(value: object) -> object:
    """Read what authors write: a range, ``True`` for any version, the manifest that this was made with."""
    if value is True:
        return ANY
    version = getattr(value, "version", None)
    return f">={version}" if isinstance(version, str) else value


def _frozen(mapping: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(sorted(mapping.items())))


VersionText: TypeAlias = Annotated[str, AfterValidator(_version)]
Range: TypeAlias = Annotated[str, BeforeValidator(_as_range), AfterValidator(_range)]


def _plain(mapping: Mapping[str, str]) -> dict[str, Any]:
    return dict(mapping)


Dependencies: TypeAlias = Annotated[
    Mapping[PluginName, Range], AfterValidator(_frozen), PlainSerializer(_plain)
]
"""Name of a plugin to the range of its versions."""
