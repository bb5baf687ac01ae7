"""The processes of a Plan, as programs for the supervisor."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from netscript_cli.supervisor.programs import Program
from netscript_cli.workspace.variables import DEVELOPMENT, PROFILE
from netscript_kernel.plugins.plan import PlannedProcess

_RUNNER: Final = (sys.executable, "-P", "-m", "netscript_kernel.plugins.process")
_KV: Final = "NETSCRIPT_KV_URL"
_STORE_OF_THE_WORKSPACE: Final = {_KV: "sqlite://", "NETSCRIPT_DATA_DIR": ".data"}


def programs_of(
    processes: Iterable[PlannedProcess], root: Path, variables: Mapping[str, str]
) -> tuple[Program, ...]:
    """Return what to run.

    Args:
        processes: Of a Plan.
        root: The workspace's folder, in which they run and from which they import.
        variables: That all of them get.
    """
    return tuple(
        Program(
            name=each.name,
            command=_command(each, root),
            environment=_environment(each, variables),
            ready_url=None if each.port is None else f"http://127.0.0.1:{each.port}{each.health_path}",
            after=each.after,
            folder=root,
            tells_start=True,
        )
        for each in processes
    )


def _command(process: PlannedProcess, root: Path) -> tuple[str, ...]:
    installers = (word for each in process.installers for word in ("--installer", each))
    words = (*_RUNNER, process.entrypoint, "--plugin", process.plugin, "--root", str(root), *installers)
    if process.concurrency_env is None:
        return words
    return (*words, "--concurrency", f"{process.concurrency_env}={process.concurrency}")


def _environment(process: PlannedProcess, variables: Mapping[str, str]) -> dict[str, str]:
    is_development = variables.get(PROFILE) == DEVELOPMENT
    wants_store = process.requires_kv and is_development and not {_KV, f"{_KV}_FILE"} & variables.keys()
    usual = _STORE_OF_THE_WORKSPACE if wants_store else {}
    own = {"OTEL_SERVICE_NAME": process.name}
    if process.port is not None:
        own["PORT"] = str(process.port)
    kept = {name: value for name, value in variables.items() if name != "PORT"}
    return {**usual, **kept, **own}
