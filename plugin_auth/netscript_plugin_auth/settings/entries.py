"""Checks of the entries of a list. A wrong entry is told by its place: its text may be a secret."""

from collections.abc import Callable


def check_each(values: tuple[str, ...], is_right: Callable[[str], object], problem: str) -> tuple[str, ...]:
    """Return the entries, each of which has to be right.

    Args:
        values: The entries.
        is_right: Returns something true for an entry that may stand there.
        problem: What is wrong with any other, such as ``is no host``.

    Raises:
        ValueError: with the place of the first that is not.
    """
    for position, entry in enumerate(values, start=1):
        if not is_right(entry):
            raise ValueError(f"has an entry, number {position}, that {problem}")
    return values


def check_named_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the entries, none of which may be there twice.

    Raises:
        ValueError: with the place of the first that is there again.
    """
    for position, entry in enumerate(values, start=1):
        if entry in values[: position - 1]:
            raise ValueError(f"has an entry, number {position}, that was named before")
    return values
