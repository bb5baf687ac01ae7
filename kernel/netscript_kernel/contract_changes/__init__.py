"""What a change of a contract means for those who call it: nothing here runs or asks anything.

::

    changes = compare_contracts(snapshot_of(UsersV1), snapshot_of(UsersV2))
    breaking = [change for change in changes if change.is_breaking]
"""

from netscript_kernel.contract_changes.change import Change, ChangeKind
from netscript_kernel.contract_changes.comparison import compare_contracts
from netscript_kernel.contract_changes.snapshot import (
    ContractSnapshot,
    NoSnapshotError,
    OperationSnapshot,
    read_snapshot,
    snapshot_of,
)

__all__ = [
    "Change",
    "ChangeKind",
    "ContractSnapshot",
    "NoSnapshotError",
    "OperationSnapshot",
    "compare_contracts",
    "read_snapshot",
    "snapshot_of",
]
