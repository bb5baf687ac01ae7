"""Whether the ports of services are free, before anything starts."""

import socket
from collections.abc import Iterable, Iterator
from typing import Final

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.plugins.plan import PlannedProcess

_HOST: Final = "127.0.0.1"


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
        why = None if each.port is None else _why_not(each.port)
        if why is not None:
            place = f"port {each.port}"
            problem = f"is for {each.name} of the plugin {each.plugin}, and cannot be used ({why})"
            fix = f"stop what listens there, or give it another one: --port {each.name}=PORT"
            yield RunFault(RunFaultCode.PORT_TAKEN, place, problem, fix)


def _why_not(port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            return error.strerror or type(error).__name__
    return None
