"""What somebody may want to know who has just listed a plugin: nothing of it keeps it from the list."""

from collections.abc import Iterator, Sequence

from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.faults import AnyFault
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_cli.workspace.planning import with_unlisted_told
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import FaultCode, ListedPlugin, PluginFault
from netscript_kernel.plugins.conflicts import conflicts_between
from netscript_kernel.plugins.ordering import faults_of_dependencies


def cautions(workspace: Workspace, added: LoadedPlugin, others: Sequence[LoadedPlugin]) -> Iterator[str]:
    """Yield, each in one line, what a new plugin brings about and lacks.

    Args:
        workspace: As it was before.
        added: The new one.
        others: All that are listed beside it.
    """
    if added.found.descriptor_fault is not None:
        yield _line("note", added.found.descriptor_fault)
    for fault in with_unlisted_told(workspace, _new_faults(added, others)):
        yield _line("warning", fault)


def _new_faults(added: LoadedPlugin, others: Sequence[LoadedPlugin]) -> Iterator[PluginFault]:
    """Yield what the Plan will refuse, and would not without the new one."""
    before = [each.as_listed for each in others if each.as_listed is not None]
    known = set(_between(before))
    broken = {each.name for each in others if each.manifest is None}
    for fault in _between([*before, *([added.as_listed] if added.as_listed else [])]):
        # Whether a broken plugin would be the one that is missing, nobody knows.
        is_unclear = fault.code is FaultCode.DEPENDENCY_MISSING and fault.place.rpartition(".")[2] in broken
        if fault not in known and not is_unclear:
            yield fault


def _between(plugins: Sequence[ListedPlugin]) -> Iterator[PluginFault]:
    yield from conflicts_between(plugins)
    yield from faults_of_dependencies(plugins)


def _line(kind: str, fault: AnyFault) -> str:
    problem = in_one_line(f"{fault.place} {fault.problem}")
    return f"{kind}: {problem} [{fault.code}]. Fix: {in_one_line(fault.fix)}"
