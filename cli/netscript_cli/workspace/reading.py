"""Reads ``netscript.toml``, or ``[tool.netscript]`` of ``pyproject.toml``. Every fault is told."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

from netscript_cli.workspace.faults import WorkspaceError, WorkspaceFault, WorkspaceFaultCode
from netscript_cli.workspace.listing import key_of
from netscript_cli.workspace.paths import fault_of_path, is_path
from netscript_cli.workspace.workspace import DEFAULT_PLUGINS_FOLDER, FILE_NAME, Workspace
from netscript_kernel.foreign_files import read_foreign

PYPROJECT: Final = "pyproject.toml"
_FIRST_VERSION: Final = "0.1.0"
_FIELDS: Final = ("name", "version", "plugins", "paths")
_PATHS: Final = ("plugins",)
_US: Final = b"netscript"


def names_us(pyproject: Path) -> bool:
    """Whether a ``pyproject.toml`` may describe a workspace: this asks for no more than the word."""
    try:
        return _US in read_foreign(pyproject)
    except OSError:
        return False


def has_own_table(pyproject: Path) -> bool:
    """Whether a ``pyproject.toml`` describes a workspace.

    Raises:
        WorkspaceError: nobody can tell, since it names us and cannot be read.
    """
    try:
        text = read_foreign(pyproject)
    except OSError:
        return False
    # One that has nothing to do with us may be as broken as it is.
    return _US in text and isinstance(_tool(_parsed(pyproject, text)).get("netscript"), dict)


def read_workspace(file: Path) -> Workspace:
    """Read a workspace.

    Raises:
        WorkspaceError: with every fault.
    """
    try:
        text = read_foreign(file)
    except OSError as error:
        raise WorkspaceError([_unreadable(file, f"cannot be read: {error.strerror}")]) from None
    document = _parsed(file, text)
    reading = _Reading(file, document)
    workspace = reading.workspace()
    if reading.faults:
        raise WorkspaceError(reading.faults)
    return workspace


class _Reading:
    """One file under way: what it says, and what is wrong with it."""

    def __init__(self, file: Path, document: Mapping[str, Any]) -> None:
        self.faults: list[WorkspaceFault] = []
        self._file = file
        self._root = file.parent.resolve()
        is_own = file.name == FILE_NAME
        self._table = document if is_own else _mapping(_tool(document).get("netscript"))
        self._prefix = "" if is_own else "tool.netscript."
        # What a project says of itself need not be said twice.
        self._usual = _mapping(None if is_own else document.get("project"))

    def workspace(self) -> Workspace:
        self._refuse_unknown("", self._table, _FIELDS)
        return Workspace(
            root=self._root,
            file=self._file,
            name=self._words("name", self._usual.get("name")),
            version=self._words("version", self._usual.get("version", _FIRST_VERSION)),
            plugins=tuple(self._plugins()),
            plugins_folder=self._plugins_folder(),
        )

    def _words(self, field: str, usual: object) -> str:
        value = self._table.get(field, usual)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()
        problem = "is missing" if value is None else "has to be a line of text"
        self._fault(WorkspaceFaultCode.FIELD_INVALID, field, problem, f'write such as {field} = "my-app"')
        return ""

    def _plugins(self) -> Iterator[str]:
        entries: object = self._table.get("plugins", [])
        if not isinstance(entries, list):
            fix = 'write such as plugins = ["./plugins/notifier/plugin.py", "netscript-plugin-auth"]'
            self._fault(WorkspaceFaultCode.FIELD_INVALID, "plugins", "has to be a list of text", fix)
            return
        places: dict[str, str] = {}
        for position, entry in enumerate(cast("list[object]", entries)):
            place = f"plugins[{position}]"
            if not isinstance(entry, str) or not entry.strip() or not entry.isprintable():
                fix = "name a path such as ./plugins/notifier/plugin.py, or an installed distribution"
                self._fault(WorkspaceFaultCode.FIELD_INVALID, place, "has to be a line of text", fix)
                continue
            if is_path(entry) and self._is_refused(place, entry):
                continue
            first = places.setdefault(key_of(self._root, entry), place)
            if first != place:
                problem = f"lists {entry!r}, which {first} lists already"
                self._fault(WorkspaceFaultCode.PLUGIN_LISTED_TWICE, place, problem, "remove one of the two")
                continue
            yield entry

    def _plugins_folder(self) -> str:
        paths: object = self._table.get("paths", {})
        if not isinstance(paths, dict):
            fix = f'write a table: [paths], and in it plugins = "{DEFAULT_PLUGINS_FOLDER}"'
            self._fault(WorkspaceFaultCode.FIELD_INVALID, "paths", "has to be a table", fix)
            return DEFAULT_PLUGINS_FOLDER
        table = cast("dict[str, object]", paths)
        self._refuse_unknown("paths.", table, _PATHS)
        folder = table.get("plugins", DEFAULT_PLUGINS_FOLDER)
        if not isinstance(folder, str) or not folder.strip() or not folder.isprintable():
            fix = f'write such as plugins = "{DEFAULT_PLUGINS_FOLDER}"'
            self._fault(WorkspaceFaultCode.FIELD_INVALID, "paths.plugins", "has to be a line of text", fix)
        elif not self._is_refused("paths.plugins", folder):
            return PurePosixPath(folder).as_posix()
        return DEFAULT_PLUGINS_FOLDER

    def _is_refused(self, place: str, path: str) -> bool:
        refused = fault_of_path(self._root, path)
        if refused is not None:
            self._fault(WorkspaceFaultCode.PATH_ESCAPES, place, *refused)
        return refused is not None

    def _refuse_unknown(self, prefix: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                fix = f"did you mean {close[0]}? Else remove it" if close else "remove it"
                fix += f"; there are: {', '.join(known)}"
                self._fault(WorkspaceFaultCode.UNKNOWN_FIELD, f"{prefix}{name}", "is no field", fix)

    def _fault(self, code: WorkspaceFaultCode, field: str, problem: str, fix: str) -> None:
        place = f"{self._file.name}: {self._prefix}{field}"
        self.faults.append(WorkspaceFault(code, place, problem, fix))


def _parsed(file: Path, text: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode())
    except UnicodeDecodeError:
        raise WorkspaceError([_unreadable(file, "is not in UTF-8")]) from None
    except (ValueError, RecursionError) as error:  # such as a number of thousands of digits
        raise WorkspaceError([_unreadable(file, f"is not TOML: {error}")]) from None


def _unreadable(file: Path, problem: str) -> WorkspaceFault:
    return WorkspaceFault(WorkspaceFaultCode.UNREADABLE, str(file), problem, "correct it")


def _tool(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(document.get("tool"))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
