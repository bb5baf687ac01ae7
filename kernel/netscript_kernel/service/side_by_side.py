"""Contracts in one service: versions stand side by side, and no two claim the same."""

from collections.abc import Sequence

from netscript_kernel.contracts import Contract
from netscript_kernel.contracts.paths import place_of


def check_side_by_side(contracts: Sequence[type[Contract]]) -> None:
    """Make sure that no two contracts have one name and version, or one method and path.

    Raises:
        TypeError: names all of both, and who claims them.
    """
    clashes = [*_same_versions(contracts), *_same_places(contracts)]
    if clashes:
        raise TypeError("; ".join(clashes))


def _same_versions(contracts: Sequence[type[Contract]]) -> list[str]:
    owners: dict[tuple[str, str], type[Contract]] = {}
    clashes: list[str] = []
    for each in contracts:
        version = (each.contract_name, each.version)
        if version not in owners:
            owners[version] = each
            continue
        other = owners[version]
        if other is each:
            clashes.append(f"{_name(each)} is implemented twice: leave one out")
        else:
            both = f"{_name(other)} and {_name(each)} are both {' '.join(version)}"
            clashes.append(f"{both}: give one of them another version")
    return clashes


def _same_places(contracts: Sequence[type[Contract]]) -> list[str]:
    owners: dict[tuple[str, str], str] = {}
    clashes: list[str] = []
    for each in dict.fromkeys(contracts):
        for operation in each.operations.values():
            path = each.prefix + operation.path
            place, name = (operation.method, place_of(path)), f"{_name(each)}.{operation.name}"
            other = owners.setdefault(place, name)
            if other != name:
                clashes.append(f"{other} and {name} are both {operation.method} {path}: change one prefix")
    return clashes


def _name(contract: type[Contract]) -> str:
    return f"{contract.__module__}.{contract.__qualname__}"
