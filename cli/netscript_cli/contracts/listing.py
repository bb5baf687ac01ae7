"""``netscript contract list``: the contracts of a workspace, from its Plan."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from netscript_cli.contracts.sources import called
from netscript_cli.telling import tell
from netscript_cli.workspace.planning import load_plan
from netscript_cli.workspace.search import find_workspace
from netscript_kernel.plugins.plan import PlannedContract

_HEADINGS: Final = ("NAME", "PLUGIN", "VERSION", "CONTRACT")
_NONE: Final = """\
No plugin of the workspace has a contract. Name one in its manifest:
    .with_contract_versions([{"version": "v1", "contract": "plugins.users.contract:UsersV1"}])
"""


def print_contracts(project_root: Path | None, *, as_json: bool) -> int:
    """Print the contracts of a workspace, and return the exit code.

    Raises:
        WorkspaceError: there is no workspace, or it or one of its plugins is not valid.
    """
    contracts = load_plan(find_workspace(project_root=project_root)).contracts
    document = {"contracts": [{"name": called(each), **asdict(each)} for each in contracts]}
    tell(document, _in_words(contracts), as_json=as_json)
    return 0


def _in_words(contracts: Sequence[PlannedContract]) -> str:
    if not contracts:
        return _NONE
    rows = [_HEADINGS, *((called(each), each.plugin, each.version, each.contract) for each in contracts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join((*lines, "", "One of them whole: netscript contract inspect NAME", ""))
