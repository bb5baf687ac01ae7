"""The variables that processes and gates of a workspace get."""

import os
import sys
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_kernel.discovery import layered
from netscript_kernel.foreign_files import read_foreign

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
        WorkspaceError: the file is there, but it or a line of it cannot be read.
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
        text = read_foreign(file).decode() if file.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        problem, fix = f"cannot be read ({why})", "make it readable, or remove it"
        raise WorkspaceError([_unreadable(str(file), problem, fix)]) from None
    if "\0" in text:
        problem, fix = "has a zero byte, which no variable can have", "remove it"
        raise WorkspaceError([_unreadable(str(file), problem, fix)])
    lines = list(parse_stream(StringIO(text, newline=None)))
    faults = [_unparsable(file, each) for each in lines if each.error]
    if faults:
        raise WorkspaceError(faults)
    return {each.key: each.value for each in lines if each.key is not None and each.value is not None}


def _unparsable(file: Path, line: Binding) -> RunFault:
    """Tell where a line is; what it says may be a secret."""
    text = line.original.string
    number = line.original.line + text[: len(text) - len(text.lstrip())].count("\n")
    fix = "write NAME=value, with quotes that end where the value does, or # before a comment"
    return _unreadable(f"{file}: line {number}", "says nothing that can be understood", fix)


def _unreadable(place: str, problem: str, fix: str) -> RunFault:
    return RunFault(RunFaultCode.VARIABLES_UNREADABLE, place, problem, fix)
