"""Paths of operations: ``/users/{user_id}``, with names of fields in braces."""

import re


def path_fields_of(path: str) -> tuple[str, ...]:
    """Return the names in braces, in order."""
    return tuple(re.findall(r"\{(\w+)\}", path))


def place_of(path: str) -> str:
    """Return a path without the names of its fields: two with one place lead to the same."""
    return re.sub(r"\{\w+\}", "{}", path)
