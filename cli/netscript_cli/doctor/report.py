"""Tells a developer, or a program, what the doctor found."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from netscript_cli.doctor.examination import WORKSPACE, Examined, examine
from netscript_cli.telling import FAILED, tell
from netscript_cli.terminal import in_one_line
from netscript_kernel.plugins import Severity


def diagnose(
    project_root: Path | None, *, name: str | None, live: bool, is_strict: bool, as_json: bool
) -> int:
    """Print what is wrong, and return 0 where nothing is, else 1.

    Args:
        project_root: The workspace, where somebody names it.
        name: The one plugin that is told about.
        live: Whether services have to answer.
        is_strict: Whether warnings count.
        as_json: For programs.

    Raises:
        WorkspaceError: there is no workspace to look at, or it does not list that plugin.
    """
    examined = examine(project_root, name=name, live=live)
    bad = [each for each in examined if _is_bad(each, is_strict=is_strict)]
    tell(_as_document(examined, is_ok=not bad), "".join(_in_words(examined)), as_json=as_json)
    return FAILED if bad else 0


def _is_bad(examined: Examined, *, is_strict: bool) -> bool:
    return any(is_strict or each.severity is Severity.ERROR for each in examined.findings)


def _as_document(examined: Sequence[Examined], *, is_ok: bool) -> dict[str, Any]:
    return {"ok": is_ok, "checks": [_as_row(each) for each in examined]}


def _as_row(examined: Examined) -> dict[str, Any]:
    findings = [
        {"severity": each.severity.value, "code": each.code, "problem": each.problem, "fix": each.fix}
        for each in examined.findings
    ]
    return {
        "check": examined.check,
        "plugin": examined.plugin,
        "status": examined.status,
        "findings": findings,
    }


def _in_words(examined: Sequence[Examined]) -> Iterator[str]:
    """Yield a row for each check of each plugin, with what it found below, and a verdict."""
    whose = max(len(each.plugin or WORKSPACE) for each in examined)
    for each in examined:
        yield f"{each.status:<7}  {each.plugin or WORKSPACE:<{whose}}  {each.check}\n"
        for finding in each.findings:
            code = f" [{finding.code}]" if finding.code else ""
            yield f"         {finding.severity.value}: {in_one_line(finding.problem)}{code}\n"
            yield f"         Fix: {in_one_line(finding.fix)}\n"
    made = "1 check was" if len(examined) == 1 else f"{len(examined)} checks were"
    yield f"\n{made} made: {_verdict(examined)}\n"


def _verdict(examined: Sequence[Examined]) -> str:
    found = [finding.severity for each in examined for finding in each.findings]
    if not found:
        return "nothing is wrong"
    counted = [(found.count(each), each.value) for each in Severity if each in found]
    told = " and ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counted)
    owners = dict.fromkeys(each.plugin or WORKSPACE for each in examined if each.findings)
    return f"{told}, of {', '.join(owners)}"
