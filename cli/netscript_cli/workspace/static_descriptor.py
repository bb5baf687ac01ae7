"""Reads ``scaffold.plugin.json`` as plain JSON: enough for a list of plugins, at no cost.

Whoever has to rely on it reads it by ``netscript_kernel.plugins``, which tells every fault.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from netscript_kernel.foreign_files import read_foreign

DESCRIPTOR: Final = "scaffold.plugin.json"
_USUAL_KIND: Final = "plugin"
_LONGEST_NAME: Final = 128
_HIGHEST_PORT: Final = 65535


class DescriptorUnreadableError(Exception):
    """It is not there, or does not say what lists need. Says what is wrong, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class StaticProcess:
    """A service, or a background processor.

    Attributes:
        name: ``""`` where a descriptor that was written by hand does not say.
        port: ``None`` for a background processor.
    """

    name: str
    port: int | None


@dataclass(frozen=True, slots=True)
class StaticDescriptor:
    """What a plugin says of itself.

    Attributes:
        version: ``""`` where it was written by hand, as are the summary and most of the rest.
        services: With their ports.
        processors: Without.
        contributions: How many of each axis, by its name in JSON.
        dependencies: Range of versions by name of the plugin; ``""`` is any.
        text: The file as it is.
    """

    name: str
    version: str
    kind: str
    summary: str
    services: tuple[StaticProcess, ...]
    processors: tuple[StaticProcess, ...]
    contributions: Mapping[str, int]
    dependencies: Mapping[str, str]
    text: bytes


def load_static(file: Path) -> StaticDescriptor:
    """Read the file of a plugin.

    Raises:
        DescriptorUnreadableError: says why not.
    """
    if not file.is_file():
        raise DescriptorUnreadableError("is not there")
    try:
        text = read_foreign(file)
    except OSError as error:
        raise DescriptorUnreadableError(f"cannot be read: {error.strerror}") from None
    return read_static(text)


def read_static(text: bytes) -> StaticDescriptor:
    """Read what stands in such a file.

    Raises:
        DescriptorUnreadableError: says why not.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise DescriptorUnreadableError("is no JSON") from None
    try:
        return _Document(document).descriptor(text)
    except TypeError as error:
        raise DescriptorUnreadableError(f"is no descriptor of a plugin: {error}") from None


class _Document:
    def __init__(self, document: object) -> None:
        whole = _object(document, "the file")
        self._provider = _object(whole.get("provider"), "provider")
        self._source = _object(whole.get("officialSource"), "officialSource")
        # A descriptor that was written by hand has none.
        self._manifest = _object(whole.get("manifest", {}), "manifest")
        self._given = _object(self._manifest.get("contributions", {}), "contributions")

    def descriptor(self, text: bytes) -> StaticDescriptor:
        manifest, name = self._manifest, _name(self._source.get("canonicalName"), "canonicalName")
        if not name:
            raise TypeError("canonicalName is empty")
        return StaticDescriptor(
            name=name,
            version=_name(manifest.get("version", ""), "version"),
            kind=_name(self._provider.get("kind", _USUAL_KIND), "kind"),
            summary=_words(manifest.get("description") or manifest.get("displayName") or "", "description"),
            services=tuple(self._services()),
            processors=tuple(self._processors()),
            contributions={axis: _count(value) for axis, value in self._given.items() if value},
            dependencies=self._dependencies(),
            text=text,
        )

    def _services(self) -> Iterator[StaticProcess]:
        if self._manifest:
            for each in _objects(self._given.get("services", []), "services"):
                yield StaticProcess(_name(each.get("name"), "name"), _port(each.get("port"), "port"))
        elif self._source.get("servicePort") is not None:
            yield StaticProcess("", _port(self._source["servicePort"], "servicePort"))

    def _processors(self) -> Iterator[StaticProcess]:
        if self._manifest:
            for each in _objects(self._given.get("backgroundProcessors", []), "backgroundProcessors"):
                yield StaticProcess(_name(each.get("name"), "name"), None)
        elif self._provider.get("defaultEntrypoint") is not None:
            yield StaticProcess("", None)

    def _dependencies(self) -> dict[str, str]:
        if self._manifest:
            ranges = _object(self._manifest.get("dependencies", {}), "dependencies")
            return {_name(name, "a name"): _words(wanted, name) for name, wanted in ranges.items()}
        names = _list(self._source.get("dependencies", []), "dependencies")
        return {_name(name, "dependencies"): "" for name in names}


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{what} is no object")
    return cast("Mapping[str, Any]", value)


def _objects(value: object, what: str) -> list[Mapping[str, Any]]:
    return [_object(each, what) for each in _list(value, what)]


def _list(value: object, what: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{what} is no list")
    return cast("Sequence[Any]", value)


def _words(value: object, what: str) -> str:
    """Return text that may go to a terminal as it is."""
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError(f"{what} is no line of text")
    return value


def _name(value: object, what: str) -> str:
    text = _words(value, what)
    if len(text) > _LONGEST_NAME:
        raise TypeError(f"{what} is longer than {_LONGEST_NAME} characters")
    return text


def _port(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _HIGHEST_PORT:
        raise TypeError(f"{what} is no port, which is a number from 1 to {_HIGHEST_PORT}")
    return value


def _count(value: object) -> int:
    return len(cast("list[object]", value)) if isinstance(value, list) else 1
