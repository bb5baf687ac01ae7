"""What can be wrong with a workspace, and with finding its plugins; of manifests the kernel says it.

::

    NetScriptError
    └── WorkspaceError          with every fault, those of manifests too
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from netscript_kernel.coded_faults import CodedFault
from netscript_kernel.errors import NetScriptError


class WorkspaceFaultCode(StrEnum):
    """What programs go by; it never changes its meaning."""

    NOT_FOUND = "WSP_NOT_FOUND"
    UNREADABLE = "WSP_UNREADABLE"
    FIELD_INVALID = "WSP_FIELD_INVALID"
    UNKNOWN_FIELD = "WSP_UNKNOWN_FIELD"
    UNWRITABLE = "WSP_UNWRITABLE"
    NOT_EMPTY = "WSP_NOT_EMPTY"
    NESTED = "WSP_NESTED"
    SAID_TWICE = "WSP_SAID_TWICE"
    NOT_OURS = "WSP_NOT_OURS"
    PLUGIN_LISTED_TWICE = "WSP_PLUGIN_LISTED_TWICE"
    PATH_ESCAPES = "WSP_PATH_ESCAPES"
    PLUGIN_UNKNOWN = "WSP_PLUGIN_UNKNOWN"
    PLUGIN_NOT_FOUND = "WSP_PLUGIN_NOT_FOUND"
    PLUGIN_NOT_IMPORTABLE = "WSP_PLUGIN_NOT_IMPORTABLE"
    PLUGIN_NOT_OFFERED = "WSP_PLUGIN_NOT_OFFERED"
    PLUGIN_NAME_TAKEN = "WSP_PLUGIN_NAME_TAKEN"
    PLUGIN_NAME_UNEXPECTED = "WSP_PLUGIN_NAME_UNEXPECTED"
    PLUGIN_BROKEN = "WSP_PLUGIN_BROKEN"
    DESCRIPTOR_MISSING = "WSP_DESCRIPTOR_MISSING"
    DESCRIPTOR_UNREADABLE = "WSP_DESCRIPTOR_UNREADABLE"
    MANIFEST_MISSING = "WSP_MANIFEST_MISSING"
    MANIFEST_AMBIGUOUS = "WSP_MANIFEST_AMBIGUOUS"
    CONTRACT_UNKNOWN = "WSP_CONTRACT_UNKNOWN"
    CONTRACT_AMBIGUOUS = "WSP_CONTRACT_AMBIGUOUS"
    CONTRACT_BROKEN = "WSP_CONTRACT_BROKEN"
    SNAPSHOT_UNREADABLE = "WSP_SNAPSHOT_UNREADABLE"


class AnyFault(Protocol):
    """A fault of a workspace or of a plugin: both have the same four words."""

    @property
    def code(self) -> str:
        """Stable."""
        ...

    @property
    def place(self) -> str:
        """Where."""
        ...

    @property
    def problem(self) -> str:
        """What is wrong there."""
        ...

    @property
    def fix(self) -> str:
        """What to do about it."""
        ...


def as_document(fault: AnyFault) -> dict[str, str]:
    """Return a fault for programs."""
    return {"code": str(fault.code), "place": fault.place, "problem": fault.problem, "fix": fault.fix}


@dataclass(frozen=True, slots=True)
class WorkspaceFault(CodedFault[WorkspaceFaultCode]):
    """One thing that is wrong with a workspace."""


class WorkspaceError(NetScriptError):
    """There is no workspace, or it or its plugins are not valid. Carries every fault, not only the first."""

    reason: ClassVar[str] = "workspace_invalid"

    def __init__(self, faults: Iterable[AnyFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
