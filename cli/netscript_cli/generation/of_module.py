"""Works out the descriptor of one plugin from its module, for whoever writes a distribution."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath

from netscript_cli.generation.changes import differing
from netscript_cli.generation.generation import Generation
from netscript_cli.isolation.running import LIMIT
from netscript_cli.workspace.distributions import file_in, file_of
from netscript_cli.workspace.faults import AnyFault, WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.manifests import OR_REMOVE, load_manifests
from netscript_kernel.plugins.descriptor import FILE_NAME, describe_plugin, encode_descriptor


def describe_module(folder: Path, value: str, limit: timedelta = LIMIT) -> tuple[Path, Generation]:
    """Work it out; nothing is written. Returns where the paths of the changes begin, too.

    Args:
        folder: Where the module is looked for, and in its ``src``, before what is installed.
        value: ``module``, or ``module:attribute`` where the manifest has another name.
        limit: How long importing it may take.

    Raises:
        WorkspaceError: there is no such module, or the file beside it cannot be read.
    """
    plugin, root = _plugin(folder, value)
    (loaded,) = load_manifests(root, [plugin], limit)
    if loaded.manifest is None or plugin.folder is None:
        return folder, Generation((), 0, (), tuple(_mendable(loaded.faults)))
    start = folder if plugin.folder.is_relative_to(folder) else plugin.folder
    path = PurePosixPath(plugin.folder.relative_to(start).as_posix()) / FILE_NAME
    changes = tuple(differing(start, {path: encode_descriptor(describe_plugin(loaded.manifest))}))
    return start, Generation(changes, 0 if changes else 1, (), ())


def _plugin(folder: Path, value: str) -> tuple[FoundPlugin, Path]:
    """Return the plugin, and from where its module is imported."""
    module, colon, attribute = value.partition(":")
    if not all(map(str.isidentifier, module.split("."))) or (colon and not attribute.isidentifier()):
        raise WorkspaceError([_refusal(value, "is no module", "name it such as acme_audit.plugin")])
    for root in (folder, folder / "src", None):
        file = file_of(module) if root is None else file_in(root, module)
        if file is not None:
            plain = FoundPlugin(value, Origin.DISTRIBUTION, called=value)
            found = replace(plain, module=module, attribute=attribute or None, file=file, folder=file.parent)
            return found, root or folder
    fix = "go to the folder that its package is in, or install its distribution"
    raise WorkspaceError([_refusal(value, f"is neither in {folder} nor in its src, nor installed", fix)])


def _mendable(faults: Iterable[AnyFault]) -> Iterator[AnyFault]:
    """Say of a module that cannot be imported what its author does: no workspace lists it here."""
    codes = WorkspaceFaultCode
    for fault in faults:
        if fault.code == codes.PLUGIN_BROKEN:
            fix = fault.fix.partition(OR_REMOVE)[0]
            yield WorkspaceFault(codes.PLUGIN_BROKEN, fault.place, fault.problem, fix)
        else:
            yield fault


def _refusal(value: str, problem: str, fix: str) -> WorkspaceFault:
    return WorkspaceFault(WorkspaceFaultCode.PLUGIN_NOT_IMPORTABLE, value, problem, fix)
