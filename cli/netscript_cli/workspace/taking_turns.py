"""Commands that write to one workspace take turns: each reads what the one before has written."""

import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from netscript_cli.file_lock import Holder, file_lock
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.workspace import Workspace

_WAITING: Final = "netscript: another command writes to this workspace; waiting until it has done so\n"


@contextmanager
def workspace_to_write(project_root: Path | None, *, is_rehearsal: bool = False) -> Generator[Workspace]:
    """Find a workspace, and yield it as soon as nobody else writes to it; others wait until the block ends.

    Args:
        project_root: The folder of the workspace, where somebody names it.
        is_rehearsal: Nothing is going to be written, so that nobody has to wait.

    Raises:
        WorkspaceError: there is none, or it is not valid: with every fault.
    """
    workspace = find_workspace(project_root=project_root)
    if is_rehearsal:
        yield workspace
        return
    with _turn(workspace.root):
        yield find_workspace(project_root=workspace.root)


@contextmanager
def _turn(root: Path) -> Generator[None]:
    """Hold the folder itself: there is no file for it that could be left behind, or be in a repository.

    Where folders cannot be held nobody waits.
    """
    with file_lock(root) as lock:
        if lock.holder is Holder.SOMEBODY_ELSE:
            sys.stderr.write(_WAITING)
            sys.stderr.flush()
            with suppress(OSError):
                lock.wait()
        yield
