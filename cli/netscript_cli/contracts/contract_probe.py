"""Takes a contract down to JSON. Runs code of a plugin, so it runs in a process of its own."""

from typing import Any

from netscript_cli.workspace.contract_classes import NoContractError, import_contract
from netscript_kernel.contract_changes import snapshot_of


def probe_contract(module: str, name: str) -> dict[str, Any]:
    """Import a contract, and return it as JSON, or what is there instead."""
    try:
        contract = import_contract(module, name)
    except NoContractError as error:
        return {"none": str(error)}
    return {"snapshot": snapshot_of(contract).model_dump(mode="json", by_alias=True)}
