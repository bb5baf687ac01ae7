"""The contract: operations under one prefix, and the client that it is itself."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, TypeGuard

from netscript_kernel.contracts.operations import AnyOperation, Caller, Operation
from netscript_kernel.contracts.paths import place_of


class Contract:
    """Operations under one prefix. The class is the contract; an instance is a client of it.

    A contract that builds on another one has its operations too: ``class UsersV2(UsersV1, name="users",
    version="v2", prefix="/api/v2/users")`` names only what is different.

    Args:
        caller: Carries the calls, for example ``netscript_kernel.client.HttpCaller``.
    """

    contract_name: ClassVar[str]
    version: ClassVar[str]
    prefix: ClassVar[str]
    operations: ClassVar[Mapping[str, AnyOperation]]

    def __init_subclass__(cls, *, name: str, version: str, prefix: str) -> None:
        """Collect the operations of the class and refuse two on one method and path."""
        cls.contract_name, cls.version, cls.prefix = name, version, prefix.rstrip("/")
        found = {**_inherited(cls), **{key: each for key, each in vars(cls).items() if _is_operation(each)}}
        places: dict[tuple[str, str], str] = {}
        for key, value in found.items():
            if not cls.prefix + value.path:
                raise TypeError(f"{cls.__name__}.{key} has no path below {prefix!r}. Fix: write '/'")
            other = places.setdefault((value.method, place_of(value.path)), key)
            if other != key:
                raise TypeError(f"{cls.__name__}: {other} and {key} are both {value.method} {value.path}")
        cls.operations = MappingProxyType(found)

    def __init__(self, caller: Caller) -> None:
        self.caller = caller


def _inherited(contract: type[Contract]) -> dict[str, AnyOperation]:
    """Give a contract an operation of its own for each that it inherits: two contracts share none."""
    found: dict[str, AnyOperation] = {}
    for base in contract.__mro__[1:]:
        for key, value in vars(base).items():
            if _is_operation(value) and key not in vars(contract) and key not in found:
                found[key] = replace(value)
                setattr(contract, key, found[key])
    return found


def _is_operation(value: object) -> TypeGuard[AnyOperation]:
    return isinstance(value, Operation)
