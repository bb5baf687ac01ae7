"""Puts the generated files of a workspace right: all of them, or none."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from netscript_cli.generation.changes import LARGEST, Change, telling
from netscript_cli.workspace.paths import refuse_outside
from netscript_kernel.atomic_writing import Draft, draft_of
from netscript_kernel.foreign_files import read_foreign


def make(root: Path, changes: Sequence[Change]) -> None:
    """Write and remove what has to be; each file is old or new at any moment, never in between.

    Raises:
        WorkspaceError: one of them is outside by a link, or cannot be written; all are as they were.
    """
    refuse_outside(root, [change.path for change in changes])
    attempt = _Attempt()
    try:
        for change in changes:
            with telling(root, change.path):
                attempt.prepare(root / change.path, change.content)
        for change, step in zip(changes, attempt.steps, strict=True):
            with telling(root, change.path):
                attempt.take(step)
    except BaseException:
        attempt.undo()
        raise
    attempt.tidy()


@dataclass(frozen=True, slots=True)
class _Step:
    """One file under way.

    Attributes:
        wanted: As it should be; ``None`` where it should not be there.
        former: As it is, to go back to; ``None`` where it is not there yet.
    """

    file: Path
    wanted: Draft | None
    former: Draft | None


class _Attempt:
    """All that may fail for want of room or rights is written first, so that only renaming is left."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self._taken: list[_Step] = []
        self._drafts: list[Draft] = []
        self._folders: list[Path] = []

    def prepare(self, file: Path, content: bytes | None) -> None:
        """Write what a file should be, and what it is, beside it."""
        former = self._draft(file, read_foreign(file, LARGEST)) if file.exists() else None
        if content is not None:
            self._make_folder(file.parent)
        wanted = None if content is None else self._draft(file, content)
        self.steps.append(_Step(file, wanted, former))

    def take(self, step: _Step) -> None:
        """Let a file be as it should be."""
        if step.wanted is None:
            step.file.unlink()
        else:
            step.wanted.take_place()
        self._taken.append(step)

    def undo(self) -> None:
        """Let everything be as it was, as far as the system lets us."""
        for step in reversed(self._taken):
            with suppress(OSError):
                if step.former is not None:
                    step.former.take_place()
                elif step.wanted is not None:
                    step.wanted.target.unlink()
        self._drop_drafts()
        for folder in reversed(self._folders):
            with suppress(OSError):
                folder.rmdir()

    def tidy(self) -> None:
        """Leave nothing behind that only served the attempt, and no empty folder."""
        self._drop_drafts()
        for step in self.steps:
            if step.wanted is None:
                with suppress(OSError):
                    step.file.parent.rmdir()

    def _draft(self, file: Path, text: bytes) -> Draft:
        draft = draft_of(file, text)
        self._drafts.append(draft)
        return draft

    def _drop_drafts(self) -> None:
        for draft in self._drafts:
            with suppress(OSError):
                draft.drop()

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir()
        self._folders.append(folder)
