"""Whether the ports of services are free, before anything starts."""

from collections.abc import Iterable, Iterator

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.free_ports import refusal_of
from netscript_kernel.plugins.plan import PlannedProcess


def require_free_ports(processes: Iterable[PlannedProcess]) -> None:
    """Make sure that each service can have its port.

    Raises:
        WorkspaceError: with every port that is taken, and the service that should have it.
    """
    faults = list(_taken(processes))
    if faults:
        raise WorkspaceError(faults)


def _taken(processes: Iterable[PlannedProcess]) -> Iterator[RunFault]:
    for each in processes:
        refusal = None if each.port is None else refusal_of(each.port)
        if refusal is not None:
            place = f"port {each.port}"
            problem = f"is for {each.name} of the plugin {each.plugin}, and cannot be used ({refusal.words})"
            fix = f"stop what listens there, or give it another one: --port {each.name}=PORT"
            yield RunFault(RunFaultCode.PORT_TAKEN, place, problem, fix)
