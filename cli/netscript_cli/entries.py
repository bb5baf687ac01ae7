"""Entry points of what is installed, one distribution at a time: a broken one breaks nothing else."""

from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distribution, distributions

from netscript_cli.terminal import in_one_line

UNREADABLE = (AttributeError, ImportError, LookupError, OSError, TypeError, ValueError)
"""What comes of looking into metadata that is not as it should be."""

_NAMELESS = "a distribution without a name"


@dataclass(frozen=True, slots=True)
class Entries:
    """What is offered under one group of entry points.

    Attributes:
        points: Of every distribution whose entry points can be read.
        broken: Names of the others, whatever they would offer.
    """

    points: tuple[EntryPoint, ...]
    broken: tuple[str, ...]


def entries_of(group: str) -> Entries:
    """Look through all that is installed; nothing is imported."""
    points: list[EntryPoint] = []
    broken: list[str] = []
    for each in distributions():
        try:
            offered = [point for point in each.entry_points if point.group == group]
        except UNREADABLE:
            broken.append(name_of(each))
            continue
        if offered and not _is_hidden(each):
            points += offered
    return Entries(tuple(points), tuple(dict.fromkeys(broken)))


def name_of(found: Distribution | None) -> str:
    """Return the name of a distribution in one line, whatever stands in its metadata."""
    return (_told(found, "Name") if found is not None else "") or _NAMELESS


def summary_of(found: Distribution | None) -> str:
    """Return what a distribution says of itself in one line, or ``""``."""
    return _told(found, "Summary") if found is not None else ""


def title_of(found: Distribution) -> str:
    """Return the name and the version of a distribution in one line."""
    return f"{name_of(found)} {_told(found, 'Version')}".rstrip()


def _told(found: Distribution, field: str) -> str:
    try:
        return in_one_line(found.metadata[field] or "")
    except UNREADABLE:
        return ""


def _is_hidden(found: Distribution) -> bool:
    """Whether another of its name comes first on the path, which is what is imported."""
    try:
        return distribution(found.name).locate_file("") != found.locate_file("")
    except UNREADABLE:  # it has no name, so no other has it
        return False
