"""Imports a module that has to come from a certain file, and says what is wrong where it does not."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, final

from typing_extensions import TypedDict

BE_A_PACKAGE: Final = "put an empty __init__.py into each of its folders, or rename the folder"
"""How a folder of the workspace gets to be what Python imports."""


@final
class Elsewhere(TypedDict):
    """The module comes from another file, or from none.

    Attributes:
        module: As it was imported.
        elsewhere: Where it comes from.
    """

    module: str
    elsewhere: str


def import_expected(module: str, file: str) -> ModuleType | Elsewhere:
    """Import a module, or return where it comes from instead. Runs its code.

    Args:
        module: As it is imported.
        file: Where it has to come from.
    """
    imported = import_module(module)
    origin = getattr(imported, "__file__", None)
    if origin is None or Path(origin).resolve() != Path(file).resolve():
        return {"module": module, "elsewhere": str(origin)}
    return imported


def why_unexpected(answer: Elsewhere) -> str:
    """Return what is wrong with the file that was meant."""
    return f"is not what Python imports as {answer['module']}, which comes from {answer['elsewhere']}"
