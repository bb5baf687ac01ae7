"""``netscript plugin list``: what a workspace lists, as files beside the plugins tell; none is run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from netscript_cli.telling import tell
from netscript_cli.terminal import in_one_line
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import AnyFault, as_document
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.workspace import Workspace

_HEADINGS: Final = ("NAME", "VERSION", "KIND", "FROM", "SERVES")
_GAP: Final = "  "
_NONE: Final = """\
{file} lists no plugins. List one that is there: netscript plugin add ./plugins/notifier/plugin.py
"""


def print_plugins(project_root: Path | None, *, as_json: bool) -> int:
    """Print the plugins of a workspace, broken ones too, and return the exit code.

    Raises:
        WorkspaceError: there is no workspace, or it is not valid.
    """
    workspace = find_workspace(project_root=project_root)
    plugins = find_plugins(workspace)
    document = {"workspace": _workspace(workspace), "plugins": [as_row(plugin) for plugin in plugins]}
    tell(document, _in_words(workspace, plugins), as_json=as_json)
    return 0


def as_row(plugin: FoundPlugin) -> dict[str, Any]:
    """Return what programs are told of a plugin."""
    known = plugin.descriptor
    return {
        "name": plugin.name,
        "version": known.version if known else None,
        "kind": known.kind if known else None,
        "summary": known.summary if known else None,
        "listed": plugin.listed,
        "origin": plugin.origin.value,
        "distribution": plugin.distribution,
        "services": [{"name": each.name, "port": each.port} for each in known.services] if known else [],
        "processors": [each.name for each in known.processors] if known else [],
        "contributions": dict(known.contributions) if known else {},
        "dependencies": dict(known.dependencies) if known else {},
        "broken": as_document(plugin.broken) if plugin.broken else None,
    }


def _workspace(workspace: Workspace) -> dict[str, str]:
    return {"name": workspace.name, "version": workspace.version, "root": str(workspace.root)}


def _in_words(workspace: Workspace, plugins: Sequence[FoundPlugin]) -> str:
    if not plugins:
        return _NONE.format(file=workspace.file.name)
    rows = [_HEADINGS, *map(_row, plugins)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    lines: list[str] = []
    for row, plugin in zip(rows, (None, *plugins), strict=True):
        cells = [f"{cell:{width}}" for cell, width in zip(row, (*widths, 0), strict=True)]
        lines.append(_GAP.join(cells).rstrip())
        if plugin is not None and plugin.broken is not None:
            lines += _broken(plugin.broken)
    more = "More of one of them: netscript plugin info NAME. What is wrong: netscript plugin doctor"
    return "\n".join((*lines, "", more, ""))


def _row(plugin: FoundPlugin) -> tuple[str, ...]:
    known = plugin.descriptor
    origin = plugin.distribution or plugin.listed
    if known is None:
        return plugin.name, "-", "-", origin, "broken"
    serves = [f"{each.name} :{each.port}".strip() for each in known.services]
    cells = plugin.name, known.version or "-", known.kind, origin
    return (*cells, "broken" if plugin.broken else ", ".join(serves) or "-")


def _broken(fault: AnyFault) -> tuple[str, str]:
    problem = in_one_line(f"{fault.place} {fault.problem}")
    return f"    {problem} [{fault.code}]", f"        Fix: {in_one_line(fault.fix)}"
