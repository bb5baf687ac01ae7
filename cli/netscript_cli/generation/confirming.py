"""Confirms by importing what was found by reading: in a process apart, with a time limit."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from netscript_cli.isolation.running import LIMIT, run_tasks
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.registries.scanning import ScannedFile

_PROBE: Final = "netscript_cli.generation.contribution_probe:probe_contributions"


def faults_when_imported(
    root: Path, files: Sequence[tuple[str, ScannedFile]], limit: timedelta = LIMIT
) -> Iterator[PluginFault]:
    """Import files that contribute, and yield where one is not what reading it said.

    Args:
        root: Of the workspace, from where modules are imported.
        files: Of any number of plugins, each with its plugin: of one that hung no more files are tried.
        limit: For each.
    """
    outcomes = run_tasks(root, [_task(root, plugin, file) for plugin, file in files], limit)
    for (_, file), outcome in zip(files, outcomes, strict=True):
        yield from _faults(file, outcome)


def _task(root: Path, plugin: str, file: ScannedFile) -> Task:
    arguments = {
        "module": file.module,
        "file": str(root / file.file),
        "ids": {each.name: each.id for each in file.found},
        "imported": sorted(file.imported),
    }
    return Task(plugin, _PROBE, arguments)


def _faults(file: ScannedFile, outcome: Outcome) -> Iterator[PluginFault]:
    if outcome.broken is not None:
        fix = (
            f"install what brings {outcome.missing}, or mend the import" if outcome.missing else "correct it"
        )
        yield _fault(file.file, f"{outcome.broken}, when it is imported", fix)
        return
    answer: dict[str, Any] = outcome.answer
    if "elsewhere" in answer:
        problem = f"is not what Python imports as {file.module}, which comes from {answer['elsewhere']}"
        fix = "put an empty __init__.py into each of its folders, or rename the folder"
        yield _fault(file.file, problem, fix)
        return
    for name, wanted, had in answer["unlike"]:
        problem = f"has the id {wanted!r} in the source, and {had!r} when it is imported"
        fix = "let it have an attribute id with that text, or begin its name with _ if it contributes nothing"
        yield _fault(f"{file.file}: {name}", problem, fix)
    for name, had in answer["unseen"]:
        problem = f"has the id {had!r}, which nobody sees who only reads the file"
        fix = "write it as a literal id=... in the call that makes it, or begin the name with _"
        yield _fault(f"{file.file}: {name}", problem, fix)


def _fault(place: str, problem: str, fix: str) -> PluginFault:
    return PluginFault(FaultCode.CONTRIBUTION_UNCONFIRMED, place, problem, fix)
