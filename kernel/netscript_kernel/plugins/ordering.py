"""Which plugin comes before which, and why that cannot be found out."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.listed import ListedPlugin
from netscript_kernel.plugins.versions import is_in_range


def in_order(plugins: Sequence[ListedPlugin]) -> tuple[ListedPlugin, ...]:
    """Return plugins after those that they depend on, and by name where that leaves a choice.

    Raises:
        graphlib.CycleError: there is no such order.
    """
    by_name = {each.manifest.name: each for each in plugins}
    sorter = TopologicalSorter(_graph(by_name))
    sorter.prepare()
    ordered: list[ListedPlugin] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_name[name] for name in ready]
        sorter.done(*ready)
    return tuple(ordered)


def faults_of_dependencies(plugins: Sequence[ListedPlugin]) -> Iterator[PluginFault]:
    """Yield each dependency that is not there, or not in its version, and the first cycle."""
    by_name = {each.manifest.name: each for each in plugins}
    for plugin in plugins:
        for name, allowed in plugin.manifest.dependencies.items():
            yield from _unmet(plugin, name, allowed, by_name.get(name))
    yield from _cycle(by_name)


def _unmet(
    plugin: ListedPlugin, name: str, allowed: str, found: ListedPlugin | None
) -> Iterator[PluginFault]:
    place = f"{plugin.label}: dependencies.{name}"
    if found is None:
        problem = "is not among the plugins of the workspace"
        fix = f"add a plugin named {name}, make one (netscript plugin new), or remove the dependency"
        yield PluginFault(FaultCode.DEPENDENCY_MISSING, place, problem, fix)
    elif not is_in_range(found.manifest.version, allowed):
        problem = f"wants {allowed}, but {found.label} is {found.manifest.version}"
        fix = f"install a version of {name} in that range, or widen the range"
        yield PluginFault(FaultCode.DEPENDENCY_VERSION, place, problem, fix)


def _cycle(by_name: Mapping[str, ListedPlugin]) -> Iterator[PluginFault]:
    try:
        TopologicalSorter(_graph(by_name)).prepare()
    except CycleError as error:
        # graphlib names each one before the one that needs it; people read it the other way around.
        path = " -> ".join(reversed(error.args[1]))
        problem = f"depend on one another: {path}"
        fix = "remove one of these dependencies; what both need belongs into a plugin of its own"
        yield PluginFault(FaultCode.DEPENDENCY_CYCLE, "plugins", problem, fix)


def _graph(by_name: Mapping[str, ListedPlugin]) -> dict[str, list[str]]:
    """Return names of plugins to those of the plugins before them, without any that is not there."""
    return {
        name: [wanted for wanted in plugin.manifest.dependencies if wanted in by_name and wanted != name]
        for name, plugin in sorted(by_name.items())
    }
