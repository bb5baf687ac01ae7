"""Confirms by importing what was found by reading: in a process apart, with a time limit."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from netscript_cli.generation.contribution_probe import ContributionsAnswer
from netscript_cli.isolation.running import Isolation
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_cli.workspace.expected_module import BE_A_PACKAGE, why_unexpected
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.registries.axes import Axis
from netscript_kernel.plugins.registries.scanning import Scan, ScannedFile

PROBE: Final = "netscript_cli.generation.contribution_probe:probe_contributions"
_FORM: Final[TypeAdapter[ContributionsAnswer]] = TypeAdapter(ContributionsAnswer)


def unconfirmed(
    isolation: Isolation, plugins: Sequence[LoadedPlugin], scans: Mapping[str, Mapping[Axis, Scan]]
) -> dict[str, list[PluginFault]]:
    """Return what importing shows, of plugins in which nothing else is wrong, since it would be told twice.

    Args:
        isolation: With :data:`PROBE`.
        plugins: Those that are asked about.
        scans: What reading their folders said, by the plugin as it is listed.
    """
    files = [
        (each.found.listed, file)
        for each in plugins
        if not each.faults and not any(scan.faults for scan in scans[each.found.listed].values())
        for scan in scans[each.found.listed].values()
        for file in scan.files
    ]
    return faults_when_imported(isolation, files)


def faults_when_imported(
    isolation: Isolation, files: Sequence[tuple[str, ScannedFile]]
) -> dict[str, list[PluginFault]]:
    """Import files that contribute, and return, by plugin, where one is not what reading it said.

    Args:
        isolation: With :data:`PROBE`, where modules are imported from the root of the workspace.
        files: Of any number of plugins, each with its plugin: of one that hung no more files are tried.
    """
    outcomes = isolation.run([_task(isolation.root, plugin, file) for plugin, file in files])
    faults: dict[str, list[PluginFault]] = {}
    for (plugin, file), outcome in zip(files, outcomes, strict=True):
        faults.setdefault(plugin, []).extend(_faults(file, outcome))
    return faults


def _task(root: Path, plugin: str, file: ScannedFile) -> Task:
    arguments = {
        "module": file.module,
        "file": str(root / file.file),
        "ids": {each.name: each.id for each in file.found},
        "imported": sorted(file.imported),
    }
    return Task(plugin, PROBE, _FORM, arguments)


def _faults(file: ScannedFile, outcome: Outcome) -> Iterator[PluginFault]:
    if outcome.broken is not None:
        problem, fix = f"{outcome.broken}, when it is imported", outcome.mend_import or "correct it"
        yield _fault(file.file, problem, fix)
        return
    answer: ContributionsAnswer = outcome.answer
    if "elsewhere" in answer:
        yield _fault(file.file, why_unexpected(answer), BE_A_PACKAGE)
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
