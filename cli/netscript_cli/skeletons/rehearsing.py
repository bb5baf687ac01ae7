"""What would be generated once a new plugin is there, told while it is not."""

from pathlib import PurePosixPath

from netscript_cli.generation.changes import Change
from netscript_cli.generation.generation import Generation, generate, in_the_way_of
from netscript_cli.skeletons.plugin_names import PluginNames
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.paths import refuse_outside
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins.descriptor import FILE_NAME
from netscript_kernel.plugins.registries.axes import registry_path


def rehearsed(workspace: Workspace, names: PluginNames) -> Generation:
    """Return what would be generated for all plugins, the new one included, or why nothing would be.

    Of the new one there is no file to read yet; which ones follow from it, its kind says. What they would
    say is left empty.
    """
    own = [PurePosixPath(names.folder) / FILE_NAME, registry_path(names.name, names.axis)]
    try:
        generation = generate(workspace, find_plugins(workspace))
        refuse_outside(workspace.root, own)
    except WorkspaceError as error:
        return Generation((), 0, (), error.faults)
    if generation.faults:
        return generation
    if faults := tuple(in_the_way_of(workspace, own)):
        return Generation((), 0, generation.notes, faults)
    changes = [each for each in generation.changes if each.path not in own]
    changes += [Change(path, "changed" if (workspace.root / path).exists() else "new", b"") for path in own]
    changes.sort(key=lambda each: each.path)
    return Generation(tuple(changes), generation.unchanged, generation.notes, ())
