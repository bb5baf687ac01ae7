"""``netscript e2e``: which gates there are, what came of them, and what a failed one wrote."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from netscript_cli.running.choices import unknown_name, with_ports
from netscript_cli.running.gates import Ran, Verdict, run_gates
from netscript_cli.supervisor.log import wants_colour
from netscript_cli.telling import tell
from netscript_cli.terminal import as_written
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.planning import load_plan
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.variables import variables_of
from netscript_kernel.plugins import Plan
from netscript_kernel.plugins.plan import PlannedGate

_FAILED: Final = 1
_NONE: Final = "No plugin has a gate: nothing"


def run_gates_of_workspace(
    names: Sequence[str],
    *,
    ports: Sequence[str],
    project_root: Path | None,
    limit: timedelta,
    as_json: bool,
) -> int:
    """Run gates, print what came of each, and return 0 where all passed, else 1.

    Args:
        names: Of gates or plugins; all gates where there are none.
        ports: Where services listen that listen elsewhere, such as ``auth-api=9000``.
        project_root: The workspace's folder, where it is named.
        limit: For each gate.
        as_json: For programs.

    Raises:
        WorkspaceError: with every fault there is; nothing was run.
    """
    root, plan, gates = _wanted(names, ports, project_root)
    variables = variables_of(root, plan.addresses)
    has_colours = sys.stdout.isatty() and wants_colour(sys.stdout.fileno(), os.environ)
    ran: list[Ran] = []
    for each in run_gates(gates, root, variables, limit):
        ran.append(each)
        if not as_json:
            sys.stdout.write(in_words(each, has_colours=has_colours))
            sys.stdout.flush()
    sys.stdout.write(f"{json.dumps(as_document(ran), indent=2)}\n" if as_json else summary(ran))
    return 0 if _all_passed(ran) else _FAILED


def show_gates(
    names: Sequence[str], *, ports: Sequence[str], project_root: Path | None, as_json: bool
) -> int:
    """Print which gates would be run, and run none.

    Raises:
        WorkspaceError: with every fault there is.
    """
    _, _, gates = _wanted(names, ports, project_root)
    width = max((len(_full_name(each)) for each in gates), default=0)
    rows = [f"  {_full_name(each):<{width}}  {each.command}\n" for each in gates]
    head = f"{_count(gates)} would be run, in this order:\n" if gates else f"{_NONE} would be run\n"
    tell({"gates": [asdict(each) for each in gates]}, "".join([head, *rows]), as_json=as_json)
    return 0


def chosen_gates(plan: Plan, names: Sequence[str]) -> tuple[PlannedGate, ...]:
    """Return the gates of these names, or of plugins of these names; ``plugin:gate`` names one of several.

    Raises:
        WorkspaceError: with every name that there is not.
    """
    faults = [
        unknown_name(f"gate {name}", "is not there", name, {_full_name(each) for each in plan.gates})
        for name in names
        if not any(name in _names_of(each) for each in plan.gates)
    ]
    if faults:
        raise WorkspaceError(faults)
    return tuple(each for each in plan.gates if not names or _names_of(each) & set(names))


def in_words(ran: Ran, *, has_colours: bool) -> str:
    """Return what came of a gate; with what it wrote, where it did not pass, or needed only one line.

    Args:
        ran: What was run.
        has_colours: Whether what it wrote may have some.
    """
    mark = "passed" if ran.verdict is Verdict.PASSED else "FAILED"
    how = "" if ran.verdict is Verdict.PASSED else f"{ran.words}; "
    head = f"{mark}  {_full_name(ran.gate)}  ({how}{ran.seconds:.1f} s)\n"
    lines = ran.output.splitlines()
    if ran.verdict is Verdict.PASSED and len(lines) > 1:
        return head
    return "".join([head, *(f"  | {as_written(line, has_colours=has_colours)}\n" for line in lines)])


def summary(ran: Sequence[Ran]) -> str:
    """Return how many passed."""
    if not ran:
        return f"{_NONE} was run\n"
    failed = [_full_name(each.gate) for each in ran if each.verdict is not Verdict.PASSED]
    end = f"{len(failed)} failed: {', '.join(failed)}" if failed else "all passed"
    return f"{_count(ran)}: {end}\n"


def as_document(ran: Sequence[Ran]) -> dict[str, Any]:
    """Return everything as JSON."""
    gates = [
        {
            "plugin": each.gate.plugin,
            "name": each.gate.name,
            "command": each.gate.command,
            "verdict": each.verdict.value,
            "problem": None if each.verdict is Verdict.PASSED else each.words,
            "seconds": round(each.seconds, 3),
            "output": each.output,
        }
        for each in ran
    ]
    return {"ok": _all_passed(ran), "gates": gates}


def _wanted(
    names: Sequence[str], ports: Sequence[str], project_root: Path | None
) -> tuple[Path, Plan, tuple[PlannedGate, ...]]:
    workspace = find_workspace(project_root=project_root)
    plan = with_ports(load_plan(workspace), ports)
    return workspace.root, plan, chosen_gates(plan, names)


def _count(gates: Sequence[object]) -> str:
    return f"{len(gates)} {'gate' if len(gates) == 1 else 'gates'}"


def _all_passed(ran: Iterable[Ran]) -> bool:
    return all(each.verdict is Verdict.PASSED for each in ran)


def _full_name(gate: PlannedGate) -> str:
    return f"{gate.plugin}:{gate.name}"


def _names_of(gate: PlannedGate) -> set[str]:
    return {gate.name, gate.plugin, _full_name(gate)}
