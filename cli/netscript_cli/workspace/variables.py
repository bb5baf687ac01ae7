"""The variables that processes and gates of a workspace get."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.discovery import layered

FILE: Final = ".env"
PROFILE: Final = "NETSCRIPT_PROFILE"
_PROFILE_OF_SERVICES: Final = "NETSCRIPT_SERVICE_PROFILE"
DEVELOPMENT: Final = "development"
COLLECTOR: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"


def variables_of(root: Path, addresses: Mapping[str, str], collector: str | None = None) -> dict[str, str]:
    """Return what all of them get: addresses of services, over them ``.env``, over that our own environment.

    Args:
        root: The workspace's folder.
        addresses: Of services, as a Plan has them. Whoever says where a service is, in whatever spelling,
            finds it there.
        collector: Where traces and metrics go; wins over what is set.

    Raises:
        WorkspaceError: the file is there, but cannot be read.
    """
    usual = dict.fromkeys((PROFILE, _PROFILE_OF_SERVICES), DEVELOPMENT)
    variables = layered({**usual, **addresses}, layered(_written(root / FILE), os.environ))
    if collector is not None:
        variables[COLLECTOR] = collector
    # So that python and netscript in a command of the workspace are those that we run by.
    own = str(Path(sys.executable).parent)
    variables["PATH"] = os.pathsep.join([own, variables["PATH"]]) if "PATH" in variables else own
    return variables


def _written(file: Path) -> dict[str, str]:
    """Read values as they are written: a ``$`` in a secret stays a ``$``."""
    try:
        written = dotenv_values(file, interpolate=False) if file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        problem, fix = f"cannot be read ({type(error).__name__})", "make it readable, or remove it"
        fault = RunFault(RunFaultCode.VARIABLES_UNREADABLE, str(file), problem, fix)
        raise WorkspaceError([fault]) from None
    return {name: value for name, value in written.items() if value is not None}
