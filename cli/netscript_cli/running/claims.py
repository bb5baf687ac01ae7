"""One command at a time runs a process of a workspace: two would want its port, or do its work twice."""

import os
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from netscript_cli.file_lock import Holder, file_lock
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.paths import refuse_outside
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.plugins.plan import PlannedProcess

FOLDER: Final = PurePosixPath(".netscript/running")
"""From the root of a workspace; what is in it is for nobody's repository."""

_IGNORED: Final = ".gitignore"
_LONGEST_ID: Final = 20


@contextmanager
def claimed(root: Path, processes: Iterable[PlannedProcess]) -> Generator[None]:
    """Have processes for ourselves while the block lasts; a service on another port is another one.

    The system gives them back when this process ends, however that is: where it is killed, what it ran may
    need its seconds to stop yet. Where nothing can be written, nobody has anything for themselves.

    Raises:
        WorkspaceError: with every one that another command runs; or they would be written down outside of the
            workspace by a link.
    """
    refuse_outside(root, [FOLDER, FOLDER / _IGNORED])
    with ExitStack() as held:
        faults = [fault for each in processes if (fault := _claim(root, each, held)) is not None]
        if faults:
            raise WorkspaceError(faults)
        yield


def _claim(root: Path, process: PlannedProcess, held: ExitStack) -> RunFault | None:
    name = process.name if process.port is None else f"{process.name}-{process.port}"
    with suppress(OSError):
        lock = held.enter_context(file_lock(_folder(root) / name, is_made=True))
        if lock.holder is Holder.SOMEBODY_ELSE:
            return _runs_already(process, os.read(lock.descriptor, _LONGEST_ID))
        if lock.holder is Holder.US:
            os.ftruncate(lock.descriptor, 0)
            os.pwrite(lock.descriptor, str(os.getpid()).encode(), 0)
    return None


def _folder(root: Path) -> Path:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / _IGNORED
    if not ignored.exists():
        ignored.write_text("*\n")
    return folder


def _runs_already(process: PlannedProcess, by: bytes) -> RunFault:
    who = f" (process {by.decode()})" if by.isdigit() else ""
    problem = f"of the plugin {process.plugin} is run by another netscript dev of this workspace{who}"
    fix = "stop that one, or run others beside it: --only NAME"
    return RunFault(RunFaultCode.RUNS_ALREADY, process.name, problem, fix)
