"""The contract: operations under one prefix, and the client that it is itself."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, TypeGuard

from netscript_kernel.contracts.operations import AnyOperation, Caller, Operation
from netscript_kernel.contracts.paths import place_of
from netscript_kernel.plain_names import is_contract_version


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
        """Collect the operations of the class, and refuse what could not be served.

        Raises:
            TypeError: a prefix or version of another form, two operations on one method and path, or a path
                with a field that its input does not have.
        """
        _require_forms(cls.__name__, version, prefix)
        cls.contract_name, cls.version, cls.prefix = name, version, prefix.rstrip("/")
        found = {**_inherited(cls), **{key: each for key, each in vars(cls).items() if _is_operation(each)}}
        places: dict[tuple[str, str], str] = {}
        for key, value in found.items():
            if not cls.prefix + value.path:
                raise TypeError(f"{cls.__name__}.{key} has no path below {prefix!r}. Fix: write '/'")
            _require_path_fields(value)
            other = places.setdefault((value.method, place_of(value.path)), key)
            if other != key:
                raise TypeError(f"{cls.__name__}: {other} and {key} are both {value.method} {value.path}")
        cls.operations = MappingProxyType(found)

    def __init__(self, caller: Caller) -> None:
        self.caller = caller


def _require_forms(owner: str, version: str, prefix: str) -> None:
    if prefix and not prefix.startswith("/"):
        problem = f"the prefix of a contract begins with a slash: {prefix!r}"
        raise TypeError(f"{owner}: {problem}. Fix: write '/{prefix}'")
    if not is_contract_version(version):
        raise TypeError(f"{owner}: the version of a contract is v1, v2 and so on: {version!r}")


def _require_path_fields(operation: AnyOperation) -> None:
    missing = set(operation.path_fields) - set(operation.input_model.model_fields)
    if missing:
        raise TypeError(f"{operation.full_name}: path fields {sorted(missing)} are not in the input")


def _inherited(contract: type[Contract]) -> dict[str, AnyOperation]:
    """Give a contract an operation of its own for each that it inherits: two contracts share none."""
    found: dict[str, AnyOperation] = {}
    for base in contract.__mro__[1:]:
        for key, value in vars(base).items():
            if _is_operation(value) and key not in vars(contract) and key not in found:
                found[key] = replace(value, owner=contract.__name__)
                setattr(contract, key, found[key])
    return found


def _is_operation(value: object) -> TypeGuard[AnyOperation]:
    return isinstance(value, Operation)
