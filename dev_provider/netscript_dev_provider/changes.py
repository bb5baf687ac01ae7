"""Small changes of a JSON object, and of a list of parameters, for the tables of faults."""

from collections.abc import Callable
from typing import Any

Members = dict[str, Any]
"""A JSON object."""

Fields = list[tuple[str, str]]
"""Parameters of a query or a form."""

Change = Callable[[Members], None]


def put(name: str, value: object) -> Change:
    """Make the change that sets a member to a fixed value."""
    return lambda members: members.update({name: value})


def drop(name: str) -> Change:
    """Make the change that leaves a member out."""

    def change(members: Members) -> None:
        members.pop(name, None)

    return change


def move_times(**seconds: int) -> Change:
    """Make the change that sets times to so many seconds from the ``iat`` of the object."""

    def change(members: Members) -> None:
        now = members["iat"]
        members.update({name: now + offset for name, offset in seconds.items()})

    return change


def each(*changes: Change) -> Change:
    """Make the change that does several things."""

    def change(members: Members) -> None:
        for one in changes:
            one(members)

    return change


def without(*names: str) -> Callable[[Fields], Fields]:
    """Make the change that leaves parameters out."""
    return lambda fields: [field for field in fields if field[0] not in names]


def replaced(name: str, value: str) -> Callable[[Fields], Fields]:
    """Make the change that gives a parameter another value."""
    return lambda fields: [(field, value if field == name else old) for field, old in fields]


def added(name: str, value: str) -> Callable[[Fields], Fields]:
    """Make the change that adds a parameter, a second one if need be."""
    return lambda fields: [*fields, (name, value)]
