"""Holds a module against what its source says that it contributes. Runs code of a plugin, in a child."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, TypeAlias, final

from typing_extensions import TypedDict

from netscript_cli.workspace.expected_module import Elsewhere, import_expected


@final
class Differences(TypedDict):
    """Where it differs from its source.

    Attributes:
        unlike: Each with its name, its id in the source, and what it has.
        unseen: Each with its name, and an id that reading does not find.
    """

    unlike: list[tuple[str, str, str | None]]
    unseen: list[tuple[str, str]]


ContributionsAnswer: TypeAlias = Elsewhere | Differences


def probe_contributions(
    module: str, file: str, ids: Mapping[str, str], imported: Sequence[str]
) -> ContributionsAnswer:
    """Import a module, and return where it differs.

    Args:
        module: As it is imported.
        file: Where it has to come from.
        ids: By name of the object, as the source says.
        imported: Names that the source has from elsewhere.
    """
    found = import_expected(module, file)
    if not isinstance(found, ModuleType):
        return found
    others = {name: value for name, value in vars(found).items() if name not in {*ids, *imported}}
    return {"unlike": list(_unlike(found, ids)), "unseen": list(_with_ids(others))}


def _unlike(module: ModuleType, ids: Mapping[str, str]) -> Iterator[tuple[str, str, str | None]]:
    for name, wanted in ids.items():
        had = _id_of(vars(module).get(name))
        if had != wanted:
            yield name, wanted, had


def _with_ids(objects: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in objects.items():
        if not name.startswith("_") and (had := _id_of(value)) is not None:
            yield name, had


def _id_of(value: Any) -> str | None:
    """Return the id of an object; a class is none, whatever its objects will have."""
    if isinstance(value, type | ModuleType):
        return None
    with suppress(Exception):
        found: object = value.id
        return str(found) if isinstance(found, str) else None
    return None
