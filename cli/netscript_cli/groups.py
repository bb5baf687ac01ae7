"""Groups of commands that installed distributions offer, found without importing any of them."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from importlib.util import find_spec

from netscript_cli.entries import Entries, entries_of, name_of, summary_of
from netscript_cli.terminal import in_one_line

GROUP = "netscript.commands"
"""Entry-point group; a value is the import path of a Typer app or a Click command."""

Command = Callable[..., object]


class GroupBrokenError(Exception):
    """A group of commands is installed, but cannot be used."""

    def __init__(self, name: str, distribution: str, fault: str) -> None:
        super().__init__(
            f"the commands {name!r} of {distribution} cannot be used: {fault}\n"
            f"Fix: reinstall {distribution}, or uninstall it."
        )


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """One group of commands.

    Attributes:
        name: What follows ``netscript`` on the command line.
        distribution: Who offers it.
        summary: The distribution's own summary.
        fault: Why it cannot be used, as far as this shows without importing it; else ``None``.
    """

    name: str
    distribution: str
    summary: str
    fault: str | None
    point: EntryPoint

    def load(self) -> Command:
        """Import the group.

        Raises:
            GroupBrokenError: it cannot be imported, or is no command.
        """
        if self.fault:
            raise GroupBrokenError(self.name, self.distribution, self.fault)
        try:
            command: object = self.point.load()
        except Exception as error:  # a stranger's import may raise anything
            raise GroupBrokenError(
                self.name, self.distribution, in_one_line(f"{type(error).__name__}: {error}")
            ) from error
        if not callable(command):
            raise GroupBrokenError(self.name, self.distribution, f"{self.point.value} is no command")
        return command


def installed_groups(points: Iterable[EntryPoint] | None = None) -> dict[str, CommandGroup]:
    """Return all groups by name, in alphabetical order; what may have been one is there as broken.

    Args:
        points: Stand in for what is installed, in tests.
    """
    found: dict[str, CommandGroup] = {}
    entries = entries_of(GROUP) if points is None else Entries(tuple(points), ())
    for point in entries.points:
        group = _group(point)
        other = found.get(group.name)
        found[group.name] = _clash(other, group) if other else group
    for name in entries.broken:
        found.setdefault(name, _unread(name))
    return dict(sorted(found.items()))


def with_clashes_told(groups: Mapping[str, CommandGroup], taken: Container[str]) -> dict[str, CommandGroup]:
    """Return groups, those broken whose name is taken by a command of our own, which is what would run."""
    told = "is a command of netscript itself"
    return {
        name: replace(group, fault=f"{name} {told}") if name in taken else group
        for name, group in groups.items()
    }


def _group(point: EntryPoint) -> CommandGroup:
    name, fault = in_one_line(point.name), _fault(point)
    return CommandGroup(name, name_of(point.dist), summary_of(point.dist), fault, point)


def _unread(distribution: str) -> CommandGroup:
    point = EntryPoint(distribution, "", GROUP)
    return CommandGroup(distribution, distribution, "", "its entry points cannot be read", point)


def _fault(point: EntryPoint) -> str | None:
    """Say what is wrong as far as the file system tells; looking up a top-level package imports nothing."""
    if not point.pattern.match(point.value):
        return f"{point.value!r} is no import path"
    package = point.module.partition(".")[0]
    if not _is_there(package):
        return f"its package {package} is not installed"
    return None


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # such as of __main__
        return False


def _clash(one: CommandGroup, other: CommandGroup) -> CommandGroup:
    if one.point.value == other.point.value:
        return one  # the same distribution, found twice on the path
    owners = f"{one.distribution} and {other.distribution}"
    return CommandGroup(one.name, owners, one.summary, "both offer commands of this name", one.point)
