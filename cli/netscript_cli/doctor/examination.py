"""Makes all checks of a workspace, or of one of its plugins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from netscript_cli.doctor import of_code
from netscript_cli.doctor.check import Check, Context, Finding
from netscript_cli.doctor.checks import CHECKS, LIVE_CHECKS
from netscript_cli.doctor.of_code import try_code
from netscript_cli.generation import confirming
from netscript_cli.isolation.running import LIMIT, Isolation
from netscript_cli.workspace import manifests
from netscript_cli.workspace.choosing import choose
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import AnyFault, WorkspaceError, WorkspaceFaultCode
from netscript_cli.workspace.manifests import manifests_in
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.variables import variables_of, variables_without_file
from netscript_kernel.plugins import Severity

WORKSPACE: Final = "workspace"
"""The id of the check that tells faults of the workspace's file."""

_PROBES: Final = (manifests.PROBE, *of_code.PROBES, confirming.PROBE)
_NONE_TO_LOOK_AT: Final = frozenset({WorkspaceFaultCode.NOT_FOUND, WorkspaceFaultCode.NOT_OURS})


@dataclass(frozen=True, slots=True)
class Examined:
    """One check of one plugin.

    Attributes:
        plugin: Its name; ``None`` for the workspace as a whole.
    """

    check: str
    plugin: str | None
    findings: Sequence[Finding]

    @property
    def status(self) -> str:
        """``ok``, or the severity of what is worst."""
        found = {finding.severity for finding in self.findings}
        return next((each.value for each in Severity if each in found), "ok")


def examine(
    project_root: Path | None = None,
    *,
    name: str | None = None,
    live: bool = False,
    variables: Mapping[str, str] | None = None,
    limit: timedelta = LIMIT,
) -> Sequence[Examined]:
    """Make every check that can be made, and return what each found: of the workspace, then of each plugin.

    Without a sound workspace only its faults are told. Of a plugin that is broken, only what is broken. Where
    ``.env`` cannot be read, that is told, and plugins are looked at without it.

    Args:
        project_root: The workspace, where somebody names it.
        name: The one plugin that is told about; it is looked at beside the others nevertheless.
        live: Whether services have to answer.
        variables: Those that the workspace's processes would get by default.
        limit: For each import, and for the checks of each plugin.

    Raises:
        WorkspaceError: there is no workspace to look at, or it does not list that plugin.
    """
    try:
        workspace = find_workspace(project_root=project_root)
    except WorkspaceError as error:
        if any(fault.code in _NONE_TO_LOOK_AT for fault in error.faults):
            raise
        return [_of_workspace(error.faults)]
    known, unreadable = _variables(workspace.root) if variables is None else (variables, ())
    found = find_plugins(workspace)
    only = choose(workspace, found, name) if name is not None else None
    with Isolation(workspace.root, _PROBES, limit, known) as isolation:
        plugins = manifests_in(isolation, found)
        tried = try_code(isolation, [each.as_listed for each in plugins if each.as_listed is not None])
        context = Context(workspace, plugins, known, isolation, tried)
        made = [each for check in (*CHECKS, *(LIVE_CHECKS if live else ())) for each in _made(check, context)]
    told = [each.listed for each in found if only is None or each is only]
    ordered = [each for wanted in (None, *told) for listed, each in made if listed == wanted]
    return [_of_workspace(unreadable), *ordered]


def _of_workspace(faults: Sequence[AnyFault]) -> Examined:
    return Examined(WORKSPACE, None, [Finding.of(fault) for fault in faults])


def _variables(root: Path) -> tuple[Mapping[str, str], Sequence[AnyFault]]:
    """Return those that processes get by default, and what is wrong with their file."""
    try:
        return variables_of(root, {}), ()
    except WorkspaceError as error:
        return variables_without_file(), error.faults


def _made(check: Check, context: Context) -> Sequence[tuple[str | None, Examined]]:
    names: dict[str | None, str] = {each.found.listed: each.name for each in context.plugins}
    found = check.look(context)
    return [(listed, Examined(check.id, names.get(listed), findings)) for listed, findings in found.items()]
