"""Runs code of plugins for the checks. Everything here runs in a process of its own."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final, cast

from netscript_cli.workspace.contract_classes import NoContractError, import_contract
from netscript_kernel.errors import NetScriptError
from netscript_kernel.plugin_contract import describes_itself
from netscript_kernel.plugins import PluginFinding
from netscript_kernel.plugins.process import EntrypointError, resolve

MOST_FINDINGS: Final = 100


def probe_entrypoint(entrypoint: str, kind: str) -> dict[str, str]:
    """Import a function as the process would that runs it; return what is wrong with it, and a fix."""
    try:
        resolve(entrypoint, kind)
    except (EntrypointError, NetScriptError) as error:
        problem, _, fix = str(error).partition(". Fix: ")
        return {"problem": problem, "fix": fix}
    return {}


def probe_contract(contract: str, version: str) -> dict[str, Any]:
    """Import a contract; return what is wrong with it, and whether it describes itself."""
    module, _, name = contract.partition(":")
    try:
        found = import_contract(module, name)
    except NoContractError as error:
        return {"problem": f"is no contract: {error}"}
    if found.version != version:
        return {"problem": f"is version {found.version} of its API, and the manifest says {version}"}
    return {"describes": describes_itself(found)}


def probe_checks(entrypoint: str) -> list[dict[str, str]]:
    """Make the checks of a plugin; return what they find."""
    found: object = resolve(entrypoint, "doctor")()
    if found is None or not isinstance(found, Iterable):
        raise TypeError(f"it returns a {type(found).__name__}, and no findings")
    return [_told(each) for each in islice(cast("Iterable[object]", found), MOST_FINDINGS)]


def _told(finding: object) -> dict[str, str]:
    if not isinstance(finding, PluginFinding):
        raise TypeError(f"it finds a {type(finding).__name__}, and no PluginFinding")
    told: dict[str, str] = finding.model_dump(mode="json")
    return told
