"""Paths of operations: ``/users/{user_id}``, with names of fields in braces."""

import re
from collections.abc import Callable


def path_fields_of(path: str) -> tuple[str, ...]:
    """Return the names in braces, in order."""
    return tuple(re.findall(r"\{(\w+)\}", path))


def with_fields(path: str, text_of: Callable[[str], str]) -> str:
    """Return a path with another text in the place of each field.

    Args:
        path: As an operation has it.
        text_of: Gives the text by the field's name.
    """
    return re.sub(r"\{(\w+)\}", lambda found: text_of(found[1]), path)


def place_of(path: str) -> str:
    """Return a path without the names of its fields: two with one place lead to the same."""
    return with_fields(path, lambda _: "{}")
