"""``netscript dev``: everything that a workspace has, on this machine."""

import asyncio
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from netscript_cli.running.choices import chosen_processes, with_ports
from netscript_cli.running.claims import claimed
from netscript_cli.running.ports import require_free_ports
from netscript_cli.running.programs import programs_of
from netscript_cli.supervisor.log import Log, wants_colour
from netscript_cli.supervisor.programs import Program
from netscript_cli.supervisor.supervisor import supervise
from netscript_cli.telling import tell
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.planning import load_plan
from netscript_cli.workspace.run_faults import RunFault, RunFaultCode
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.variables import variables_of
from netscript_kernel.plugins import Plan
from netscript_kernel.plugins.plan import PlannedProcess


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to run, and how.

    Attributes:
        only: Names of processes or plugins; all where there are none.
        ports: Such as ``auth-api=9000``.
        collector: Where traces go.
        project_root: The workspace's folder, where it is named.
    """

    only: Sequence[str] = ()
    ports: Sequence[str] = ()
    collector: str | None = None
    project_root: Path | None = None


def run_workspace(wishes: Wishes) -> int:
    """Run it until it is told to stop, and return the exit code.

    Raises:
        WorkspaceError: with every fault there is; nothing was started.
    """
    root, plan, processes = _wanted(wishes)
    variables = _variables(root, plan, wishes)
    with claimed(root, processes):
        require_free_ports(processes)
        programs = programs_of(processes, root, variables)
        return asyncio.run(_supervised(programs, announcement(processes)))


def show_plan(wishes: Wishes, *, as_json: bool) -> int:
    """Print what would run, and start nothing.

    Raises:
        WorkspaceError: it would not start, as far as that can be told without trying.
    """
    root, plan, processes = _wanted(wishes)
    _variables(root, plan, wishes)
    document = {**plan.as_json(), "running": [each.name for each in processes]}
    tell(document, in_words(plan, processes), as_json=as_json)
    return 0


def in_words(plan: Plan, processes: Sequence[PlannedProcess]) -> str:
    """Return what would run, in its order."""
    width = max(len(each.name) for each in processes)
    rows = [f"  {each.name:<{width}}  {_where(each)}{_after(each)}\n" for each in processes]
    gates = [f"  {each.plugin}: {each.name}: {each.command}\n" for each in plan.gates]
    head = f"{len(processes)} of {len(plan.processes)} processes would run, in this order:\n"
    return "".join([head, *rows, *(["\nnetscript e2e would run:\n", *gates] if gates else [])])


def announcement(processes: Iterable[PlannedProcess]) -> str:
    """Return where everything is, for when it is ready."""
    found = list(processes)
    width = max(len(each.name) for each in found)
    rows = [f"  {each.name:<{width}}  {_where(each)}\n" for each in found]
    return "".join(["\n", *rows, "\n  Stop with Ctrl-C\n\n"])


def _wanted(wishes: Wishes) -> tuple[Path, Plan, tuple[PlannedProcess, ...]]:
    workspace = find_workspace(project_root=wishes.project_root)
    plan = with_ports(load_plan(workspace), wishes.ports)
    return workspace.root, plan, chosen_processes(plan, wishes.only)


def _variables(root: Path, plan: Plan, wishes: Wishes) -> dict[str, str]:
    """Return what all processes get."""
    _require_address(wishes.collector)
    return variables_of(root, plan.addresses, wishes.collector)


async def _supervised(programs: Sequence[Program], ready: str) -> int:
    descriptor = sys.stdout.fileno()
    has_colour = wants_colour(descriptor, os.environ)
    log = Log(descriptor, [each.name for each in programs], is_coloured=has_colour)
    return await supervise(programs, log, lambda: ready)


def _where(process: PlannedProcess) -> str:
    return "in the background" if process.port is None else f"http://localhost:{process.port}"


def _after(process: PlannedProcess) -> str:
    return f", after {', '.join(process.after)}" if process.after else ""


def _require_address(collector: str | None) -> None:
    if collector is None:
        return
    parts = urlsplit(collector)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return
    fix = "write one such as http://127.0.0.1:4318"
    fault = RunFault(RunFaultCode.ADDRESS_INVALID, "--otlp", "is no http or https address", fix)
    raise WorkspaceError([fault])
