"""Contracts as modules have them. Runs code of a plugin, so it runs in a process of its own."""

from importlib import import_module
from typing import Any

from netscript_kernel.contracts import Contract


class NoContractError(Exception):
    """There is something else, or nothing. Says what, as a whole sentence."""


def import_contract(module: str, name: str) -> type[Contract]:
    """Import a contract.

    Raises:
        NoContractError: there is none of this name.
    """
    found: Any = getattr(import_module(module), name, None)
    if found is None:
        raise NoContractError("there is nothing of this name")
    if found is Contract:
        raise NoContractError("it is the base of all contracts")
    if not isinstance(found, type):
        raise NoContractError(f"it is of type {type(found).__name__}")
    if not issubclass(found, Contract):
        raise NoContractError(f"it is the class {found.__name__}")
    return found
