"""What somebody wants of a Plan: some of its processes, and other ports for some services."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from netscript_cli.suggestions import what_there_is
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.plugins import Plan
from netscript_kernel.plugins.plan import PlannedProcess

_HIGHEST_PORT: Final = 65535
_ONLY: Final = "--only"
_PORT: Final = "--port"


def with_ports(plan: Plan, wishes: Sequence[str]) -> Plan:
    """Return a Plan with other ports, so that addresses follow.

    Args:
        plan: As its manifests have it.
        wishes: Such as ``auth-api=9000``.

    Raises:
        WorkspaceError: with every wish that cannot be met.
    """
    services = {each.name for each in plan.processes if each.port is not None}
    ports: dict[str, int] = {}
    faults: list[RunFault] = []
    for wish in wishes:
        name, _, port = wish.partition("=")
        if name not in services:
            faults.append(unknown_name(f"{_PORT} {wish}", "names no service", name, services))
        elif not (port.isascii() and port.isdecimal() and 1 <= int(port) <= _HIGHEST_PORT):
            fix = f"write a number from 1 to {_HIGHEST_PORT}, as in {name}=9000"
            faults.append(RunFault(RunFaultCode.PORT_INVALID, f"{_PORT} {wish}", "names no port", fix))
        else:
            ports[name] = int(port)
    processes = tuple(replace(each, port=ports.get(each.name, each.port)) for each in plan.processes)
    faults += _clashes(processes)
    if faults:
        raise WorkspaceError(faults)
    return replace(plan, processes=processes)


def chosen_processes(plan: Plan, only: Sequence[str]) -> tuple[PlannedProcess, ...]:
    """Return the processes of these names, or of plugins of these names; all of them where there are none.

    Raises:
        WorkspaceError: with every name that there is not; or nothing runs at all.
    """
    known = {name for each in plan.processes for name in (each.name, each.plugin)}
    faults = [
        unknown_name(f"{_ONLY} {name}", "names no process and no plugin that has one", name, known)
        for name in only
        if name not in known
    ]
    if not plan.processes:
        fix = "list a plugin that has a service or a background processor"
        faults = [RunFault(RunFaultCode.NOTHING_RUNS, "the workspace", "has nothing that runs", fix)]
    if faults:
        raise WorkspaceError(faults)
    return tuple(each for each in plan.processes if not only or {each.name, each.plugin} & set(only))


def unknown_name(place: str, problem: str, name: str, known: Iterable[str]) -> RunFault:
    """Return the fault of a name that there is not, with those that there are."""
    return RunFault(RunFaultCode.NAME_UNKNOWN, place, problem, what_there_is(name, sorted(known)))


def _clashes(processes: Iterable[PlannedProcess]) -> Iterator[RunFault]:
    first: dict[int, str] = {}
    for each in processes:
        if each.port is None:
            continue
        other = first.setdefault(each.port, each.name)
        if other != each.name:
            problem = f"would give {each.port} to {other} and to {each.name}"
            yield RunFault(RunFaultCode.PORT_INVALID, _PORT, problem, "give each service a port of its own")
