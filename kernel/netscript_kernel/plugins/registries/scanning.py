"""Reads a contribution folder: every contribution in it, and everything that is wrong with it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from typing import Final

from netscript_kernel.foreign_files import read_foreign
from netscript_kernel.plugins.faults import FaultCode, PluginFault
from netscript_kernel.plugins.registries.axes import is_contributing
from netscript_kernel.plugins.registries.contribution import ID_RULE, is_id
from netscript_kernel.plugins.registries.declarations import (
    Declaration,
    declarations_in,
    imported_names,
    parse_source,
)

_HOW: Final = 'make one with a literal id, such as @contribution(id="send-mail")'
_PRIVATE: Final = "or begin its name with _ if it is none"


@dataclass(frozen=True, slots=True)
class Found:
    """A contribution, as its file declares it.

    Attributes:
        id: By which it is addressed.
        name: Of the object in its module.
        file: From the root of the workspace, with slashes.
        module: As it is imported from there.
    """

    id: str
    name: str
    file: str
    module: str


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file that contributes.

    Attributes:
        file: From the root of the workspace, with slashes.
        module: As it is imported from there.
        found: What it contributes.
        imported: Names that it has from elsewhere.
    """

    file: str
    module: str
    found: tuple[Found, ...]
    imported: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scan:
    """What a contribution folder says.

    Attributes:
        folder: From the root of the workspace, with slashes.
        files: Those that could be read, by path.
        faults: All that is wrong.
    """

    folder: str
    files: tuple[ScannedFile, ...]
    faults: tuple[PluginFault, ...]

    @property
    def found(self) -> tuple[Found, ...]:
        """All contributions by id."""
        return tuple(sorted((each for file in self.files for each in file.found), key=lambda each: each.id))

    @property
    def content_hash(self) -> str:
        """SHA-256 of what the sources declare: a change of what a contribution does changes no registry."""
        rows = "".join(f"{each.id}\t{each.file}\t{each.name}\n" for each in self.found)
        return sha256(rows.encode()).hexdigest()


def scan_folder(root: Path, folder: PurePosixPath) -> Scan:
    """Read a folder and all below it; nothing of it is run.

    Args:
        root: Of the workspace.
        folder: From there.
    """
    files, faults = list[ScannedFile](), list[PluginFault]()
    for path in _files(root, folder):
        scanned = _scan_file(root, path)
        if isinstance(scanned, PluginFault):
            faults.append(scanned)
            continue
        file, in_file = scanned
        files.append(file)
        faults += in_file
    faults += _repeated(files)
    return Scan(str(folder), tuple(files), tuple(faults))


def _files(root: Path, folder: PurePosixPath) -> list[PurePosixPath]:
    """Return the files that contribute, in the same order on each machine; links to folders are left."""
    top = root / folder
    found = (Path(parent, name).relative_to(top) for parent, _, names in os.walk(top) for name in names)
    return sorted(folder / path.as_posix() for path in found if is_contributing(path))


def _scan_file(root: Path, path: PurePosixPath) -> PluginFault | tuple[ScannedFile, list[PluginFault]]:
    place, parts = _printable(path), path.with_suffix("").parts
    if not all(part.isidentifier() and not iskeyword(part) for part in parts):
        problem, fix = "cannot be imported by this name", "use letters, digits and _, such as send_mail.py"
        return PluginFault(FaultCode.CONTRIBUTION_UNREADABLE, place, problem, fix)
    try:
        tree = parse_source(read_foreign(root / path))
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno else ""
        problem = f"is no Python that can be read: {error.msg}{where}"
        return PluginFault(FaultCode.CONTRIBUTION_UNREADABLE, place, problem, "correct it")
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        return PluginFault(
            FaultCode.CONTRIBUTION_UNREADABLE, place, problem, "make it readable, or remove it"
        )
    module, declared = ".".join(parts), list(declarations_in(tree))
    found = tuple(
        Found(each.id, each.name, str(path), module) for each in declared if each.id and is_id(each.id)
    )
    return ScannedFile(str(path), module, found, imported_names(tree)), list(_faults_of(declared, place))


def _printable(path: PurePosixPath) -> str:
    """Return a path as it may go to a terminal, whatever somebody has put into a name."""
    return str(path) if str(path).isprintable() else ascii(str(path))


def _faults_of(declared: Iterable[Declaration], place: str) -> Iterator[PluginFault]:
    declared = list(declared)
    if not declared:
        problem = "contributes nothing"
        yield PluginFault(FaultCode.CONTRIBUTION_MISSING, place, problem, f"{_HOW}, {_PRIVATE}")
    for each in declared:
        at = f"{place}:{each.line}: {each.name}"
        if each.id is None:
            problem, fix = "has an id that only running it would tell", f"write it as a literal, {_PRIVATE}"
            yield PluginFault(FaultCode.CONTRIBUTION_ID_INVALID, at, problem, fix)
        elif not is_id(each.id):
            problem = f"cannot have the id {each.id[:80]!r}"
            yield PluginFault(FaultCode.CONTRIBUTION_ID_INVALID, at, problem, f"use {ID_RULE}, {_PRIVATE}")


def _repeated(files: Iterable[ScannedFile]) -> Iterator[PluginFault]:
    first: dict[str, Found] = {}
    for each in (found for file in files for found in file.found):
        other = first.setdefault(each.id, each)
        if other is not each:
            problem = f"has the id {each.id!r}, and so has {other.file}"
            fix = "give each an id of its own"
            yield PluginFault(FaultCode.DUPLICATE_CONTRIBUTION, f"{each.file}: {each.name}", problem, fix)
