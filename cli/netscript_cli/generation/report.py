"""Runs ``netscript generate``, and tells people or programs what came of it."""

import sys
from pathlib import Path
from typing import Any, Final

from netscript_cli.generation.generation import Generation, generate
from netscript_cli.generation.making import make
from netscript_cli.generation.of_module import describe_module
from netscript_cli.telling import describe, tell
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import as_document
from netscript_cli.workspace.taking_turns import workspace_to_write

PLANNED: Final = {
    "new": "would be written",
    "changed": "would be written anew",
    "obsolete": "would be removed",
}
"""What a rehearsal says of a change."""

_DONE, _FAILED = 0, 1
_MADE: Final = {"new": "written", "changed": "written anew", "obsolete": "removed"}
_CHECKED: Final = {"new": "is missing", "changed": "is stale", "obsolete": "is there for no reason any more"}


def generate_plugins(project_root: Path | None, *, check: bool, dry_run: bool, as_json: bool) -> int:
    """Generate, or tell what would be, and return the exit code.

    Raises:
        WorkspaceError: there is no valid workspace.
    """
    with workspace_to_write(project_root, is_rehearsal=check or dry_run) as workspace:
        generation = generate(workspace, find_plugins(workspace))
        command = "netscript generate plugins"
        return _end(workspace.root, generation, command, check=check, dry_run=dry_run, as_json=as_json)


def generate_descriptor(value: str, *, check: bool, dry_run: bool, as_json: bool) -> int:
    """Generate the descriptor of one plugin, in a workspace or not, or tell what would be.

    Args:
        value: Which module exports its manifest.
        check: Fail where something would be written.
        dry_run: Only tell.
        as_json: For programs.

    Raises:
        WorkspaceError: there is no such module, or its descriptor cannot be written.
    """
    folder = Path.cwd().resolve()
    root, generation = describe_module(folder, value)
    command = f"netscript generate descriptor {value}"
    return _end(root, generation, command, check=check, dry_run=dry_run, as_json=as_json)


def _end(
    root: Path, generation: Generation, command: str, *, check: bool, dry_run: bool, as_json: bool
) -> int:
    is_made = not (check or dry_run or generation.faults)
    if is_made:
        make(root, generation.changes)
    words = _words(generation, _CHECKED if check else PLANNED if dry_run else _MADE)
    if check and generation.changes:
        words += f"Fix: {command}\n"
    tell(_document(generation, is_made=is_made), words, as_json=as_json)
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


def _words(generation: Generation, words: dict[str, str]) -> str:
    lines = [f"note: {note}" for note in generation.notes]
    lines += [f"{each.path} {words[each.kind]}" for each in generation.changes]
    if not generation.changes and not generation.faults:
        lines.append(f"Everything generated is up to date ({_files(generation.unchanged)}).")
    return "".join(f"{line}\n" for line in lines)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
