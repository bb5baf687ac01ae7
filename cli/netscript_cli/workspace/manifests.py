"""The manifests of plugins as the plugins themselves give them, for whoever must have the real thing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from netscript_cli.isolation.running import LIMIT, Isolation
from netscript_cli.isolation.tasks import Outcome, Task
from netscript_cli.workspace.expected_module import BE_A_PACKAGE, why_unexpected
from netscript_cli.workspace.faults import AnyFault, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.manifest_probe import ManifestAnswer, ToldFault
from netscript_kernel.plugins import (
    ListedPlugin,
    PluginFault,
    PluginInvalidError,
    PluginManifest,
    read_manifest_json,
)

OR_REMOVE: Final = ", or remove it: netscript plugin remove"
"""How a fix ends that somebody has too who did not write the plugin."""

PROBE: Final = "netscript_cli.workspace.manifest_probe:probe_manifest"
_FORM: Final[TypeAdapter[ManifestAnswer]] = TypeAdapter(ManifestAnswer)


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin after its module was imported, or was found not to be importable.

    Attributes:
        found: As the workspace lists it.
        manifest: ``None`` where there is a fault.
        faults: Why there is none.
    """

    found: FoundPlugin
    manifest: PluginManifest | None
    faults: tuple[AnyFault, ...] = ()

    @property
    def name(self) -> str:
        """The plugin's name, or the best guess at it."""
        return self.manifest.name if self.manifest else self.found.name

    @property
    def as_listed(self) -> ListedPlugin | None:
        """What goes into a Plan."""
        return ListedPlugin(self.manifest, self.found.listed) if self.manifest else None


def load_manifests(
    root: Path, plugins: Sequence[FoundPlugin], limit: timedelta = LIMIT
) -> tuple[LoadedPlugin, ...]:
    """Import every plugin apart from us, and return what each exports; for whoever does no more with them.

    Args:
        root: The folder of the workspace.
        plugins: As ``find_plugins`` returns them.
        limit: For each.
    """
    with Isolation(root, [PROBE], limit) as isolation:
        return manifests_in(isolation, plugins)


def manifests_in(isolation: Isolation, plugins: Sequence[FoundPlugin]) -> tuple[LoadedPlugin, ...]:
    """Import every plugin there, and return what each exports.

    Args:
        isolation: With :data:`PROBE`.
        plugins: As ``find_plugins`` returns them.
    """
    usable = [plugin for plugin in plugins if plugin.fault is None]
    outcomes = iter(isolation.run([_task(plugin) for plugin in usable]))
    return tuple(
        LoadedPlugin(plugin, None, (plugin.fault,)) if plugin.fault else _loaded(plugin, next(outcomes))
        for plugin in plugins
    )


def _task(plugin: FoundPlugin) -> Task:
    arguments = {"module": plugin.module, "attribute": plugin.attribute, "file": str(plugin.file)}
    return Task(plugin.listed, PROBE, _FORM, arguments)


def _loaded(plugin: FoundPlugin, outcome: Outcome) -> LoadedPlugin:
    try:
        return LoadedPlugin(plugin, _manifest(plugin, outcome))
    except _BrokenError as error:
        return LoadedPlugin(plugin, None, error.faults)
    except PluginInvalidError as error:
        return LoadedPlugin(plugin, None, error.faults)


class _BrokenError(Exception):
    def __init__(self, faults: Iterable[AnyFault]) -> None:
        self.faults = tuple(faults)
        super().__init__()


def _manifest(plugin: FoundPlugin, outcome: Outcome) -> PluginManifest:
    codes = WorkspaceFaultCode
    answer: ManifestAnswer = outcome.answer
    if outcome.broken is not None:
        mend = outcome.mend_import or f"correct {plugin.module}"
        fix = f"{mend}{OR_REMOVE} {plugin.listed}"
        raise _BrokenError([_fault(plugin, codes.PLUGIN_BROKEN, outcome.broken, fix)])
    if "elsewhere" in answer:
        problem = why_unexpected(answer)
        is_own = plugin.origin is Origin.WORKSPACE
        fix = BE_A_PACKAGE if is_own else f"rename what is in its way: {answer['elsewhere']}"
        raise _BrokenError([_fault(plugin, codes.PLUGIN_NOT_IMPORTABLE, problem, fix)])
    if "none" in answer:
        problem, fix = f"exports no manifest: {answer['none']}", _EXPORT
        raise _BrokenError([_fault(plugin, codes.MANIFEST_MISSING, problem, fix)])
    if "several" in answer:
        problem = f"exports several manifests: {', '.join(answer['several'])}"
        raise _BrokenError([_fault(plugin, codes.MANIFEST_AMBIGUOUS, problem, "name its own one manifest")])
    if "faults" in answer:
        raise _BrokenError(_faults(plugin, answer["faults"]))
    return read_manifest_json(answer["manifest"])


_EXPORT: Final = 'write such as manifest = define_plugin("notifier", "0.1.0").build() into it'


def _faults(plugin: FoundPlugin, told: Iterable[ToldFault]) -> Iterator[PluginFault]:
    for each in told:
        place = f"{plugin.listed}: {each['place']}"
        yield PluginFault(each["code"], place, each["problem"], each["fix"])


def _fault(plugin: FoundPlugin, code: WorkspaceFaultCode, problem: str, fix: str) -> WorkspaceFault:
    return WorkspaceFault(code, plugin.listed, problem, fix)
