"""Takes a contract down to JSON. Runs code of a plugin, so it runs in a process of its own."""

from importlib import import_module
from typing import Any, TypeGuard

from netscript_kernel.contract_changes import snapshot_of
from netscript_kernel.contracts import Contract


def probe_contract(module: str, name: str) -> dict[str, Any]:
    """Import a contract, and return it as JSON, or what is there instead."""
    found: Any = vars(import_module(module)).get(name)
    if _is_contract(found):
        return {"snapshot": snapshot_of(found).model_dump(mode="json", by_alias=True)}
    kind = "there is nothing of this name" if found is None else f"it is a {type(found).__name__}"
    return {"none": kind}


def _is_contract(found: Any) -> TypeGuard[type[Contract]]:
    return isinstance(found, type) and issubclass(found, Contract) and found is not Contract
