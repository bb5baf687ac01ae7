"""Runs ``netscript generate plugins``, and tells people or programs what came of it."""

import sys
from pathlib import Path
from typing import Any, Final

from netscript_cli.generation.generation import Generation, generate
from netscript_cli.generation.making import make
from netscript_cli.telling import describe, tell
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import as_document
from netscript_cli.workspace.search import find_workspace

_DONE, _FAILED = 0, 1
_MADE: Final = {"new": "written", "changed": "written anew", "obsolete": "removed"}
_PLANNED: Final = {
    "new": "would be written",
    "changed": "would be written anew",
    "obsolete": "would be removed",
}
_CHECKED: Final = {"new": "is missing", "changed": "is stale", "obsolete": "is there for no reason any more"}


def generate_plugins(project_root: Path | None, *, check: bool, dry_run: bool, as_json: bool) -> int:
    """Generate, or tell what would be, and return the exit code.

    Raises:
        WorkspaceError: there is no valid workspace.
    """
    workspace = find_workspace(project_root=project_root)
    generation = generate(workspace, find_plugins(workspace))
    is_made = not (check or dry_run or generation.faults)
    if is_made:
        make(workspace.root, generation.changes)
    words = _CHECKED if check else _PLANNED if dry_run else _MADE
    tell(_document(generation, is_made=is_made), _words(generation, words, check=check), as_json=as_json)
    if generation.faults and not as_json:
        sys.stderr.write(describe(generation.faults, "generated"))
    return _FAILED if generation.faults or (check and generation.changes) else _DONE


def _document(generation: Generation, *, is_made: bool) -> dict[str, Any]:
    return {
        "written": is_made,
        "changes": [{"path": str(each.path), "kind": each.kind} for each in generation.changes],
        "unchanged": generation.unchanged,
        "notes": list(generation.notes),
        "faults": [as_document(each) for each in generation.faults],
    }


def _words(generation: Generation, words: dict[str, str], *, check: bool) -> str:
    lines = [f"note: {note}" for note in generation.notes]
    lines += [f"{each.path} {words[each.kind]}" for each in generation.changes]
    if check and generation.changes:
        lines.append("Fix: netscript generate plugins")
    if not generation.changes and not generation.faults:
        lines.append(f"Everything generated is up to date ({generation.unchanged} files).")
    return "".join(f"{line}\n" for line in lines)
