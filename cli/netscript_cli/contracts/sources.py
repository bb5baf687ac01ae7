"""Which contract somebody means: a class in a module, a snapshot in a file, or one of the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from netscript_cli.suggestions import what_there_is
from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.planning import load_plan
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.workspace import Workspace
from netscript_kernel.plugins.contributions import is_entrypoint
from netscript_kernel.plugins.plan import PlannedContract

_SNAPSHOT: Final = ".json"


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A class in a module, as ``module:Class``."""

    text: str

    @property
    def module(self) -> str:
        """As it is imported."""
        return self.text.partition(":")[0]

    @property
    def name(self) -> str:
        """Of the class."""
        return self.text.partition(":")[2]


@dataclass(frozen=True, slots=True)
class SnapshotSource:
    """A file that ``contract inspect --json`` wrote."""

    file: Path


Source: TypeAlias = ModuleSource | SnapshotSource


def find_sources(texts: Sequence[str], project_root: Path | None) -> tuple[Path, list[Source]]:
    """Return where modules are imported from, and what is meant by each text.

    Args:
        texts: ``module:Class``, a file that ends in ``.json``, or a contract of the workspace, such as
            ``users.v1``, or ``users`` where it has one version.
        project_root: The workspace, where somebody names it. Only names of its contracts need one.

    Raises:
        WorkspaceError: a text means nothing, or the workspace that it takes is not there, or not valid.
    """
    given = [_source(text) for text in texts]
    if None not in given:
        return _root(project_root), [each for each in given if each is not None]
    names = [text for text, source in zip(texts, given, strict=True) if source is None]
    workspace = _workspace_of(names, project_root)
    contracts = load_plan(workspace).contracts
    meant = [source or _of_workspace(text, contracts) for text, source in zip(texts, given, strict=True)]
    faults = [each for each in meant if isinstance(each, WorkspaceFault)]
    if faults:
        raise WorkspaceError(dict.fromkeys(faults))
    return workspace.root, [each for each in meant if not isinstance(each, WorkspaceFault)]


def called(contract: PlannedContract) -> str:
    """Return how a contract of the workspace is named."""
    return f"{contract.plugin}.{contract.version}"


def _source(text: str) -> Source | None:
    if text.endswith(_SNAPSHOT):
        return SnapshotSource(Path(text))
    return ModuleSource(text) if is_entrypoint(text) else None


def _root(project_root: Path | None) -> Path:
    """Return the workspace's folder; where there is none, modules are imported from where we are."""
    try:
        return find_workspace(project_root=project_root).root
    except WorkspaceError as error:
        if project_root is None and _is_none_there(error):
            return Path.cwd()
        raise


def _workspace_of(names: Sequence[str], project_root: Path | None) -> Workspace:
    """Return the workspace in which contracts have names; where there is none, tell which text is one."""
    try:
        return find_workspace(project_root=project_root)
    except WorkspaceError as error:
        if project_root is None and _is_none_there(error):
            raise WorkspaceError(dict.fromkeys(map(_out_of_place, names))) from error
        raise


def _is_none_there(error: WorkspaceError) -> bool:
    return {fault.code for fault in error.faults} == {WorkspaceFaultCode.NOT_FOUND}


def _out_of_place(text: str) -> WorkspaceFault:
    fix = f"{_how_to_write(text)}; or name a workspace by --project-root"
    problem = f"is the name of a contract only in a workspace, and {Path.cwd()} is in none"
    return WorkspaceFault(WorkspaceFaultCode.NOT_FOUND, text, problem, fix)


def _how_to_write(text: str) -> str:
    module, _, name = text.rpartition(".")
    is_class = name[:1].isupper() and is_entrypoint(f"{module}:{name}")
    return f"write {module}:{name}" if is_class else "write module:Class, or a file.json"


def _of_workspace(text: str, contracts: Sequence[PlannedContract]) -> Source | WorkspaceFault:
    meant = [each for each in contracts if text in {called(each), each.plugin, each.contract}]
    if len(meant) == 1:
        return ModuleSource(meant[0].contract)
    names = sorted(map(called, contracts))
    if meant:
        problem, fix = "has several versions", f"name one of them: {', '.join(map(called, meant))}"
        return WorkspaceFault(WorkspaceFaultCode.CONTRACT_AMBIGUOUS, text, problem, fix)
    fix = f"{what_there_is(text, names)}; or {_how_to_write(text)}"
    problem = "is no contract of the workspace"
    return WorkspaceFault(WorkspaceFaultCode.CONTRACT_UNKNOWN, text, problem, fix)
