"""The variables that processes and gates of a workspace get."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.discovery import layered
from netscript_kernel.environment_file import FILE, read_environment_file
from netscript_kernel.errors import ConfigurationError, Fault

PROFILE: Final = "NETSCRIPT_PROFILE"
_PROFILE_OF_SERVICES: Final = "NETSCRIPT_SERVICE_PROFILE"
DEVELOPMENT: Final = "development"
COLLECTOR: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"


def variables_without_file() -> dict[str, str]:
    """Return what all of them would get without ``.env``, for whoever cannot read it and goes on."""
    return _layers({}, {})


def variables_of(root: Path, addresses: Mapping[str, str], collector: str | None = None) -> dict[str, str]:
    """Return what all of them get: addresses of services, over them ``.env``, over that our own environment.

    Args:
        root: The workspace's folder.
        addresses: Of services, as a Plan has them. Whoever says where a service is, in whatever spelling,
            finds it there.
        collector: Where traces and metrics go; wins over what is set.

    Raises:
        WorkspaceError: the file is there, but it or a line of it cannot be read.
    """
    variables = _layers(addresses, _written(root / FILE))
    if collector is not None:
        variables[COLLECTOR] = collector
    return variables


def _layers(addresses: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    usual = dict.fromkeys((PROFILE, _PROFILE_OF_SERVICES), DEVELOPMENT)
    variables = layered({**usual, **addresses}, layered(written, os.environ))
    # So that python and netscript in a command of the workspace are those that we run by.
    own = str(Path(sys.executable).parent)
    variables["PATH"] = os.pathsep.join([own, variables["PATH"]]) if "PATH" in variables else own
    return variables


def _written(file: Path) -> Mapping[str, str]:
    try:
        return read_environment_file(file)
    except ConfigurationError as error:
        raise WorkspaceError(map(_of_run, error.faults)) from None


def _of_run(fault: Fault) -> RunFault:
    return RunFault(RunFaultCode.VARIABLES_UNREADABLE, fault.variable, fault.problem, fault.fix)
