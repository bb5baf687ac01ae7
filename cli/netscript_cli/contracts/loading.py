"""Contracts as modules and snapshots give them; whatever is wrong with them is told together."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias, final

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from netscript_cli.contracts.sources import ModuleSource, SnapshotSource, Source
from netscript_cli.isolation.running import LIMIT, run_tasks
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_kernel.contract_changes import ContractSnapshot, NoSnapshotError, read_snapshot
from netscript_kernel.foreign_files import read_foreign


@final
class _NoContract(TypedDict):
    none: str


@final
class _Snapshot(TypedDict):
    snapshot: ContractSnapshot


_Answer: TypeAlias = _NoContract | _Snapshot

_PROBE: Final = "netscript_cli.contracts.contract_probe:probe_contract"
_FORM: Final[TypeAdapter[_Answer]] = TypeAdapter(_Answer)
_LARGEST: Final = 16 * 1024 * 1024


def load_contracts(
    root: Path, sources: Sequence[Source], limit: timedelta = LIMIT
) -> tuple[ContractSnapshot, ...]:
    """Return the contracts in order; those of modules are imported in a process of its own.

    Args:
        root: Where modules are imported from.
        sources: Of any number.
        limit: For each.

    Raises:
        WorkspaceError: with every one that cannot be read.
    """
    modules = [each for each in sources if isinstance(each, ModuleSource)]
    outcomes = iter(run_tasks(root, [_task(each) for each in modules], limit))
    found: list[ContractSnapshot] = []
    faults: list[WorkspaceFault] = []
    for each in sources:
        read = _imported(root, each, next(outcomes)) if isinstance(each, ModuleSource) else _read(each)
        if isinstance(read, WorkspaceFault):
            faults.append(read)
        else:
            found.append(read)
    if faults:
        raise WorkspaceError(dict.fromkeys(faults))
    return tuple(found)


def _task(source: ModuleSource) -> Task:
    return Task(source.text, _PROBE, _FORM, {"module": source.module, "name": source.name})


def _imported(root: Path, source: ModuleSource, outcome: Outcome) -> ContractSnapshot | WorkspaceFault:
    code = WorkspaceFaultCode.CONTRACT_BROKEN
    if outcome.broken is not None:
        problem = f"{outcome.broken}, when it is imported"
        return WorkspaceFault(code, source.text, problem, _mend(root, source, outcome))
    answer: _Answer = outcome.answer
    if "none" in answer:
        problem = f"is no contract: {answer['none']}"
        fix = "name a subclass of netscript_kernel.contracts.Contract, as module:Class"
        return WorkspaceFault(code, source.text, problem, fix)
    return answer["snapshot"]


def _mend(root: Path, source: ModuleSource, outcome: Outcome) -> str:
    """Say what to do: a module that was named itself, or a package of it, is nothing to install."""
    if outcome.missing and f"{source.module}.".startswith(f"{outcome.missing}."):
        return f"check the name; modules are imported from {root}"
    return outcome.mend_import or f"correct {source.module}"


def _read(source: SnapshotSource) -> ContractSnapshot | WorkspaceFault:
    try:
        text = read_foreign(source.file, _LARGEST)
    except OSError as error:
        return _unreadable(source, f"cannot be read: {error.strerror}")
    try:
        return read_snapshot(text)
    except NoSnapshotError as error:
        where = f": look at its {error.place}" if error.place else ""
        problem = f"is no contract that was written by contract inspect --json{where}"
        return _unreadable(source, in_one_line(problem))


def _unreadable(source: SnapshotSource, problem: str) -> WorkspaceFault:
    fix = "write it anew: netscript contract inspect NAME --json > contract.json"
    return WorkspaceFault(WorkspaceFaultCode.SNAPSHOT_UNREADABLE, str(source.file), problem, fix)
