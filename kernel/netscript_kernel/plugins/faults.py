"""What can be wrong with plugins: stable codes, and one error that carries every fault.

::

    NetScriptError
    └── PluginInvalidError      one manifest, or several of them together
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from netscript_kernel.coded_faults import CodedFault
from netscript_kernel.errors import NetScriptError


class FaultCode(StrEnum):
    """What programs go by; it never changes its meaning."""

    AXIS_NOT_CONSUMED = "PLG_AXIS_NOT_CONSUMED"
    CONCURRENCY_INVALID = "PLG_CONCURRENCY_INVALID"
    CONCURRENCY_UNTOLD = "PLG_CONCURRENCY_UNTOLD"
    CONTRACT_VERSION_INVALID = "PLG_CONTRACT_VERSION_INVALID"
    CONTRIBUTION_ID_INVALID = "PLG_CONTRIBUTION_ID_INVALID"
    CONTRIBUTION_MISSING = "PLG_CONTRIBUTION_MISSING"
    CONTRIBUTION_UNCONFIRMED = "PLG_CONTRIBUTION_UNCONFIRMED"
    CONTRIBUTION_UNREADABLE = "PLG_CONTRIBUTION_UNREADABLE"
    DEPENDENCY_CYCLE = "PLG_DEP_CYCLE"
    DEPENDENCY_INVALID = "PLG_DEP_INVALID"
    DEPENDENCY_MISSING = "PLG_DEP_MISSING"
    DEPENDENCY_VERSION = "PLG_DEP_VERSION"
    DESCRIPTOR_DRIFT = "PLG_DESCRIPTOR_DRIFT"
    DESCRIPTOR_INVALID = "PLG_DESCRIPTOR_INVALID"
    DUPLICATE_CONTRIBUTION = "PLG_DUP_CONTRIBUTION"
    DUPLICATE_PLUGIN = "PLG_DUP_PLUGIN"
    ENTRYPOINT_INVALID = "PLG_ENTRYPOINT_INVALID"
    FIELD_INVALID = "PLG_FIELD_INVALID"
    METADATA_NOT_JSON = "PLG_METADATA_NOT_JSON"
    NAME_INVALID = "PLG_NAME_INVALID"
    NAME_RESERVED = "PLG_NAME_RESERVED"
    PORT_CLASH = "PLG_PORT_CLASH"
    PORT_INVALID = "PLG_PORT_INVALID"
    REGISTRY_BROKEN = "PLG_REGISTRY_BROKEN"
    REGISTRY_MISSING = "PLG_REGISTRY_MISSING"
    REGISTRY_STALE = "PLG_REGISTRY_STALE"
    UNKNOWN_FIELD = "PLG_UNKNOWN_FIELD"
    VERSION_INVALID = "PLG_VERSION_INVALID"


@dataclass(frozen=True, slots=True)
class PluginFault(CodedFault[FaultCode]):
    """One thing that is wrong with a plugin."""


class PluginInvalidError(NetScriptError):
    """A manifest is not valid, or several do not fit together. Carries every fault, not only the first."""

    reason: ClassVar[str] = "plugin_invalid"

    def __init__(self, faults: Iterable[PluginFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
