"""Runs code of plugins for the checks. Everything here runs in a process of its own."""

from collections.abc import Iterable
from itertools import islice
from typing import Final, cast

from typing_extensions import TypedDict

from netscript_cli.workspace.contract_classes import NoContractError, import_contract
from netscript_kernel.errors import NetScriptError
from netscript_kernel.plugin_contract import describes_itself
from netscript_kernel.plugins import PluginFinding, Severity
from netscript_kernel.plugins.process import EntrypointError, resolve

MOST_FINDINGS: Final = 100


class EntrypointAnswer(TypedDict, total=False):
    """What is wrong with a function; nothing where it is well."""

    problem: str
    fix: str


class ContractAnswer(TypedDict, total=False):
    """What is wrong with a contract, or whether it has ``describe``."""

    problem: str
    describes: bool


class ToldFinding(TypedDict):
    """One finding of a plugin's own checks."""

    id: str
    severity: Severity
    problem: str
    fix: str


def probe_entrypoint(entrypoint: str, kind: str) -> EntrypointAnswer:
    """Import a function as the process would that runs it; return what is wrong with it, and a fix."""
    try:
        resolve(entrypoint, kind)
    except (EntrypointError, NetScriptError) as error:
        problem, _, fix = str(error).partition(". Fix: ")
        return {"problem": problem, "fix": fix}
    return {}


def probe_contract(contract: str, version: str) -> ContractAnswer:
    """Import a contract; return what is wrong with it, and whether it describes itself."""
    module, _, name = contract.partition(":")
    try:
        found = import_contract(module, name)
    except NoContractError as error:
        return {"problem": f"is no contract: {error}"}
    if found.version != version:
        return {"problem": f"is version {found.version} of its API, and the manifest says {version}"}
    return {"describes": describes_itself(found)}


def probe_checks(entrypoint: str) -> list[ToldFinding]:
    """Make the checks of a plugin; return what they find."""
    found: object = resolve(entrypoint, "doctor")()
    if found is None or not isinstance(found, Iterable):
        raise TypeError(f"it returns something of type {type(found).__name__}, and no findings")
    return [_told(each) for each in islice(cast("Iterable[object]", found), MOST_FINDINGS)]


def _told(finding: object) -> ToldFinding:
    if not isinstance(finding, PluginFinding):
        raise TypeError(f"it finds something of type {type(finding).__name__}, and no PluginFinding")
    return {
        "id": finding.id,
        "severity": finding.severity,
        "problem": finding.problem,
        "fix": finding.fix,
    }
