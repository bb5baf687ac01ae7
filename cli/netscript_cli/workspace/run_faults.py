"""What can be wrong with a wish to run something of a Plan."""

from dataclasses import dataclass
from enum import StrEnum

from netscript_kernel.coded_faults import CodedFault


class RunFaultCode(StrEnum):
    """What programs go by; it never changes its meaning."""

    ADDRESS_INVALID = "RUN_ADDRESS_INVALID"
    NAME_UNKNOWN = "RUN_NAME_UNKNOWN"
    NOTHING_RUNS = "RUN_NOTHING_RUNS"
    PORT_INVALID = "RUN_PORT_INVALID"
    PORT_TAKEN = "RUN_PORT_TAKEN"
    RUNS_ALREADY = "RUN_RUNS_ALREADY"
    VARIABLES_UNREADABLE = "RUN_VARIABLES_UNREADABLE"


@dataclass(frozen=True, slots=True)
class RunFault(CodedFault[RunFaultCode]):
    """One thing that is wrong with a wish to run something."""
