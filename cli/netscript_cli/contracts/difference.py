"""``netscript contract diff``: what changed between two contracts, and whom it breaks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netscript_cli.contracts.loading import load_contracts
from netscript_cli.contracts.sources import find_sources
from netscript_cli.telling import FAILED, tell
from netscript_cli.terminal import in_one_line
from netscript_kernel.contract_changes import Change, compare_contracts


def print_difference(
    old: str, new: str, project_root: Path | None, *, allow_breaking: bool, as_json: bool
) -> int:
    """Print all changes, and return the exit code: 1 where one of them breaks callers.

    Args:
        old: See :func:`find_sources`.
        new: Likewise.
        project_root: Of the workspace.
        allow_breaking: Whether that is no reason to fail.
        as_json: For programs.

    Raises:
        WorkspaceError: one of the two cannot be read.
    """
    root, sources = find_sources([old, new], project_root)
    before, after = load_contracts(root, sources)
    changes = compare_contracts(before, after)
    breaks = any(each.is_breaking for each in changes)
    document = {"breaking": breaks, "changes": [_as_json(each) for each in changes]}
    tell(document, _in_words(changes), as_json=as_json)
    return FAILED if breaks and not allow_breaking else 0


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "place": change.place,
        "words": change.words,
        "breaking": change.is_breaking,
    }


def _in_words(changes: Sequence[Change]) -> str:
    if not changes:
        return "Nothing changed.\n"
    lines = [f"{'breaks' if each.is_breaking else '':8}{in_one_line(str(each))}\n" for each in changes]
    breaking = sum(each.is_breaking for each in changes)
    return f"{''.join(lines)}\n{_counted(len(changes))}, {breaking or 'none'} of them breaking.\n"


def _counted(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"
