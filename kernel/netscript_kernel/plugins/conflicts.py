"""What two plugins cannot both have. Each fault names both."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.listed import ListedPlugin

_FIX_NAME: Final = "rename one of the two"


def conflicts_between(plugins: Sequence[ListedPlugin]) -> Iterator[PluginFault]:
    """Yield every conflict: names of plugins, names of processes, ports."""
    yield from _same_plugins(plugins)
    processes = [
        (process.name, f"{plugin.label}: contributions.{axis}", plugin.label)
        for plugin in plugins
        for axis in ("services", "background_processors")
        for process in getattr(plugin.manifest.contributions, axis)
    ]
    yield from _clashes(processes, FaultCode.DUPLICATE_CONTRIBUTION, _FIX_NAME)
    ports = [
        (str(service.port), f"{plugin.label}: service {service.name}: port", plugin.label)
        for plugin in plugins
        for service in plugin.manifest.contributions.services
    ]
    yield from _clashes(ports, FaultCode.PORT_CLASH, "give one of the two another port")


def _same_plugins(plugins: Sequence[ListedPlugin]) -> Iterator[PluginFault]:
    first: dict[str, ListedPlugin] = {}
    for plugin in plugins:
        other = first.setdefault(plugin.manifest.name, plugin)
        if other is not plugin:
            problem = f"has the name of {other.label}"
            fix = f"{_FIX_NAME}, or list one of them"
            yield PluginFault(FaultCode.DUPLICATE_PLUGIN, plugin.label, problem, fix)


def _clashes(taken: Iterable[tuple[str, str, str]], code: FaultCode, fix: str) -> Iterator[PluginFault]:
    """Yield a fault for each value that somebody had before: (value, place, label)."""
    first: dict[str, str] = {}
    for value, place, label in taken:
        if value in first:
            yield PluginFault(code, place, f"{value} is taken by {first[value]}", fix)
        first.setdefault(value, label)
