"""The Plan: all plugins of a workspace in order, and all that runs. Whoever starts or exports reads it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from netscript_kernel.discovery import variables_for
from netscript_kernel.plugins.conflicts import conflicts_between
from netscript_kernel.plugins.faults import PluginInvalidError
from netscript_kernel.plugins.listed import ListedPlugin
from netscript_kernel.plugins.manifest import Contributions, PluginManifest
from netscript_kernel.plugins.ordering import faults_of_dependencies, in_order

__all__ = ["ListedPlugin", "Plan", "PlannedContract", "PlannedGate", "PlannedProcess", "plan_plugins"]


@dataclass(frozen=True, slots=True)
class PlannedProcess:
    """A process of its own: a service, or a background processor.

    Attributes:
        plugin: Whose.
        name: Unique in the Plan.
        entrypoint: A function without arguments that runs until the process is told to stop.
        after: Names of processes that have to be ready before this one starts.
        installers: Functions without arguments that are called as it starts.
        port: On which a service listens; ``None`` for a processor.
        health_path: Where a service says that it is ready.
        concurrency: How much a processor does at a time; ``None`` for a service.
        concurrency_env: The variable by which it is told, and by which an operator says otherwise.
        requires_kv: Whether it needs the key-value store.
    """

    plugin: str
    name: str
    entrypoint: str
    after: tuple[str, ...]
    installers: tuple[str, ...]
    port: int | None = None
    health_path: str | None = None
    concurrency: int | None = None
    concurrency_env: str | None = None
    requires_kv: bool = False


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """One version of the API of a plugin."""

    plugin: str
    version: str
    contract: str


@dataclass(frozen=True, slots=True)
class PlannedGate:
    """A command that has to succeed before a change is good."""

    plugin: str
    name: str
    command: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the plugins of a workspace come to.

    Attributes:
        plugins: In order: each after those that it depends on.
        processes: In the order in which they start.
        contracts: Of all plugins.
        gates: Of all plugins.
    """

    plugins: tuple[ListedPlugin, ...]
    processes: tuple[PlannedProcess, ...]
    contracts: tuple[PlannedContract, ...]
    gates: tuple[PlannedGate, ...]

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where processes of this machine find services: variable to URL.

        Discovery by ``services__<name>__http__0``, as orchestrators set it.
        """
        found = {
            variables_for(each.name)[0]: f"http://127.0.0.1:{each.port}"
            for each in self.processes
            if each.port is not None
        }
        return MappingProxyType(found)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON, for programs."""
        return {
            "plugins": [
                {"name": each.manifest.name, "version": each.manifest.version, "listed": each.listed}
                for each in self.plugins
            ],
            "processes": [asdict(each) for each in self.processes],
            "contracts": [asdict(each) for each in self.contracts],
            "gates": [asdict(each) for each in self.gates],
        }


def plan_plugins(plugins: Sequence[ListedPlugin]) -> Plan:
    """Work out what runs, and in which order.

    Args:
        plugins: As the workspace lists them; their order there means nothing.

    Raises:
        PluginInvalidError: with every conflict and every dependency that is not met.
    """
    faults = [*conflicts_between(plugins), *faults_of_dependencies(plugins)]
    if faults:
        raise PluginInvalidError(faults)
    ordered = in_order(plugins)
    awaited = _awaited(ordered)
    return Plan(
        plugins=ordered,
        processes=tuple(process for each in ordered for process in _processes(each.manifest, awaited)),
        contracts=tuple(
            PlannedContract(each.manifest.name, one.version, one.contract)
            for each in ordered
            for one in each.manifest.contributions.contract_versions
        ),
        gates=tuple(
            PlannedGate(each.manifest.name, gate.name, gate.command)
            for each in ordered
            for gate in each.manifest.contributions.e2e
        ),
    )


def _awaited(ordered: Sequence[ListedPlugin]) -> dict[str, tuple[str, ...]]:
    """Return, for each plugin, the processes that whoever depends on it waits for.

    Those of its own; where it has none, those that it depends on itself.
    """
    found: dict[str, tuple[str, ...]] = {}
    for each in ordered:
        manifest = each.manifest
        own = _process_names(manifest.contributions)
        found[manifest.name] = own or _all_of(manifest, found)
    return found


def _all_of(manifest: PluginManifest, awaited: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for wanted in manifest.dependencies for name in awaited[wanted]))


def _process_names(given: Contributions) -> tuple[str, ...]:
    services = tuple(each.name for each in given.services)
    return services + tuple(each.name for each in given.background_processors)


def _processes(manifest: PluginManifest, awaited: Mapping[str, tuple[str, ...]]) -> Iterator[PlannedProcess]:
    given, after = manifest.contributions, _all_of(manifest, awaited)
    installers = tuple(each.installer for each in given.telemetry)
    for service in given.services:
        yield PlannedProcess(
            manifest.name,
            service.name,
            service.entrypoint,
            after,
            installers,
            port=service.port,
            health_path=service.health_path,
            requires_kv=manifest.requires_kv,
        )
    for processor in given.background_processors:
        yield PlannedProcess(
            manifest.name,
            processor.name,
            processor.entrypoint,
            after,
            installers,
            concurrency=processor.concurrency,
            concurrency_env=processor.concurrency_env,
            requires_kv=manifest.requires_kv,
        )
