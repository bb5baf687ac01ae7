"""What a check is, what it looks at, and what it finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from netscript_cli.isolation.running import Isolation
from netscript_cli.isolation.tasks import Outcome
from netscript_cli.workspace.faults import AnyFault
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import ListedPlugin, PluginManifest, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        problem: What, as the end of a sentence or a whole one.
        fix: What to do about it.
        code: Stable, where it is a fault that has one, or a finding of a plugin.
    """

    severity: Severity
    problem: str
    fix: str
    code: str | None = None

    @classmethod
    def of(cls, fault: AnyFault) -> "Finding":
        """Return a fault as what it is here: an error."""
        return cls(Severity.ERROR, f"{fault.place} {fault.problem}", fault.fix, fault.code)


@dataclass(frozen=True, slots=True)
class Tried:
    """Something of a plugin that was run in a process of its own.

    Attributes:
        kind: What was tried: ``entrypoint``, ``contract`` or ``checks``.
        plugin: As it is listed.
        subject: How a finding calls it, such as ``service notifier-api``.
    """

    kind: str
    plugin: str
    subject: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that checks look at.

    Attributes:
        plugins: After each was imported.
        variables: Of the environment.
        isolation: Where code of plugins is run.
        tried: What was run of them.
    """

    workspace: Workspace
    plugins: Sequence[LoadedPlugin]
    variables: Mapping[str, str] = field(repr=False)
    isolation: Isolation
    tried: Sequence[Tried] = ()

    @property
    def manifests(self) -> Sequence[ListedPlugin]:
        """Plugins whose manifest is valid."""
        return [each.as_listed for each in self.plugins if each.as_listed is not None]

    @property
    def broken(self) -> frozenset[str]:
        """Names of plugins without a manifest, as far as they are known."""
        return frozenset(each.name for each in self.plugins if each.manifest is None)


Found: TypeAlias = Mapping[str | None, Sequence[Finding]]
"""What a check found, by the plugin as it is listed; nothing where one is well; ``None`` is the workspace."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one thing, of every plugin that has it.

    Attributes:
        id: Stable, for programs.
        look: Changes nothing. A plugin that it does not name was not looked at.
    """

    id: str
    look: Callable[[Context], Found]


Looks: TypeAlias = Callable[[PluginManifest, Context], Sequence[Finding]]


def for_each(look: Looks) -> Callable[[Context], Found]:
    """Return a look at all plugins out of one at one of them, by its manifest."""

    def look_at_all(context: Context) -> Found:
        return {each.listed: look(each.manifest, context) for each in context.manifests}

    return look_at_all


def by_plugin(context: Context, faults: Sequence[AnyFault]) -> dict[str | None, list[Finding]]:
    """Return faults between plugins by the one at whose place each is told, or else by the workspace."""
    found: dict[str | None, list[Finding]] = {each.listed: [] for each in context.manifests}
    labels: dict[str, Any] = {each.label: each.listed for each in context.manifests}
    for fault in faults:
        plugin = next((labels[label] for label in labels if fault.place.startswith(label)), None)
        found.setdefault(plugin, []).append(Finding.of(fault))
    return found
