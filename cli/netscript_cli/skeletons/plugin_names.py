"""How a new plugin and everything in it is called, and why it may not be called so."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Final

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin
from netscript_cli.workspace.paths import module_of
from netscript_cli.workspace.unlisted import how_to_list
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins import PluginInvalidError, PluginKind, define_plugin
from netscript_kernel.plugins.registries import Axis

FIRST_PORT: Final = 8095
_LAST_PORT: Final = 65535
_VERSION: Final = "0.1.0"
_FIRST_OF_EVERYBODY: Final = 1024

_CONTRIBUTES: Final[dict[PluginKind, tuple[Axis, str]]] = {
    PluginKind.WORKER: ("jobs", "job"),
    PluginKind.SAGA: ("sagas", "saga"),
    PluginKind.TRIGGER: ("triggers", "trigger"),
    PluginKind.STREAM: ("streams", "stream"),
    PluginKind.PLUGIN: ("handlers", "handler"),
}


@dataclass(frozen=True, slots=True)
class PluginNames:
    """The names of one plugin, as the templates use them.

    Attributes:
        name: As in its manifest.
        kind: What it mostly contributes.
        axis: The folder in which that stands.
        item: One of that.
        item_cls: The same as a class.
        snake: The name in Python.
        cls: The name as a class.
        title: The name in words.
        description: What it is for, as far as anybody knows.
        port: On which its service listens.
        folder: From the root of the workspace.
        module: The same, as it is imported.
        depth: How many folders its files are below the root.
    """

    name: str
    kind: str
    axis: Axis
    item: str
    item_cls: str
    snake: str
    cls: str
    title: str
    description: str
    port: int
    folder: str
    module: str
    depth: int

    @property
    def listed(self) -> str:
        """How the workspace lists it."""
        return f"./{self.folder}/plugin.py"


def names_for(
    workspace: Workspace, others: Iterable[FoundPlugin], kind: PluginKind, name: str, port: int | None
) -> PluginNames:
    """Return the names of a new plugin.

    Args:
        workspace: In which it will stand.
        others: Those that are listed there.
        kind: What it will mostly contribute.
        name: As somebody asked for.
        port: Likewise; ``None`` takes the lowest that no plugin has.

    Raises:
        WorkspaceError: it cannot be called so, or somebody has that name or port: with every fault.
    """
    others = list(others)
    _check(name)
    snake = name.replace("-", "_")
    folder = (PurePosixPath(workspace.plugins_folder) / snake).as_posix()
    faults = [*_clashes(workspace, others, name, folder), *_unfit_port(others, port)]
    if faults:
        raise WorkspaceError(faults)
    axis, item = _CONTRIBUTES[kind]
    words = name.split("-")
    return PluginNames(
        name=name,
        kind=kind.value,
        axis=axis,
        item=item,
        item_cls=item.capitalize(),
        snake=snake,
        cls="".join(map(str.capitalize, words)),
        title=" ".join(words).capitalize(),
        description=f"Contributes {axis}.",
        port=_lowest_free(others) if port is None else port,
        folder=folder,
        module=folder.replace("/", "."),
        depth=len(PurePosixPath(folder).parts),
    )


def _check(name: str) -> None:
    """Let the kernel say what it thinks of a name, by the manifest that would have it."""
    try:
        define_plugin(name, _VERSION).build()
    except PluginInvalidError as error:
        raise WorkspaceError(error.faults) from None


def _clashes(
    workspace: Workspace, others: Iterable[FoundPlugin], name: str, folder: str
) -> Iterator[WorkspaceFault]:
    codes = WorkspaceFaultCode
    for other in others:
        if other.name == name:
            problem, fix = f"is the name of {other.listed}", "take another name"
            yield WorkspaceFault(codes.PLUGIN_NAME_TAKEN, name, problem, fix)
    if os.path.lexists(workspace.root / folder):
        command = how_to_list(workspace, name)
        fix = f"take another name, or list what is there: {command}" if command else "take another name"
        yield WorkspaceFault(codes.PLUGIN_NAME_TAKEN, folder, "is there already", fix)
    if module_of(f"{folder}/plugin.py") is None:
        problem = "cannot be imported by Python, which has another use for a word of it"
        yield WorkspaceFault(codes.PLUGIN_NOT_IMPORTABLE, folder, problem, "take another name")
    elif "/" not in folder and find_spec(folder) is not None:
        problem, fix = "is the name of an installed package, which it would hide", "take another name"
        yield WorkspaceFault(codes.PLUGIN_NAME_TAKEN, folder, problem, fix)


def _unfit_port(others: Iterable[FoundPlugin], port: int | None) -> Iterator[WorkspaceFault]:
    if port is not None and port < _FIRST_OF_EVERYBODY:
        problem = "is for the system's own services, and may not be had without its rights"
        fix = f"take one from {_FIRST_OF_EVERYBODY} on, or leave it out"
        yield WorkspaceFault(WorkspaceFaultCode.FIELD_INVALID, f"--port {port}", problem, fix)
    for other in others:
        if port is not None and port in _ports(other):
            problem, fix = f"is the port of {other.name}", "take another port, or leave it out"
            yield WorkspaceFault(WorkspaceFaultCode.FIELD_INVALID, f"--port {port}", problem, fix)


def _lowest_free(others: Iterable[FoundPlugin]) -> int:
    taken = {port for other in others for port in _ports(other)}
    return next(port for port in range(FIRST_PORT, _LAST_PORT + 1) if port not in taken)


def _ports(plugin: FoundPlugin) -> set[int]:
    services = plugin.descriptor.services if plugin.descriptor else ()
    return {each.port for each in services if each.port is not None}
