"""What can be wrong with a workspace itself; what is wrong with plugins, the kernel says."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from netscript_kernel.errors import NetScriptError


class WorkspaceFaultCode(StrEnum):
    """What programs go by; it never changes its meaning."""

    NOT_FOUND = "WSP_NOT_FOUND"
    UNREADABLE = "WSP_UNREADABLE"
    FIELD_INVALID = "WSP_FIELD_INVALID"
    UNKNOWN_FIELD = "WSP_UNKNOWN_FIELD"
    PLUGIN_LISTED_TWICE = "WSP_PLUGIN_LISTED_TWICE"
    PATH_ESCAPES = "WSP_PATH_ESCAPES"


@dataclass(frozen=True, slots=True)
class WorkspaceFault:
    """One thing that is wrong: the same shape as a fault of a plugin.

    Attributes:
        code: Stable.
        place: Where: the file, then the field.
        problem: What is wrong there, in words.
        fix: What to do about it.
    """

    code: WorkspaceFaultCode
    place: str
    problem: str
    fix: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place} {self.problem} [{self.code}]. Fix: {self.fix}"


class WorkspaceError(NetScriptError):
    """There is no workspace, or it cannot be read. Carries every fault, not only the first."""

    reason: ClassVar[str] = "workspace_invalid"

    def __init__(self, faults: Iterable[WorkspaceFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
