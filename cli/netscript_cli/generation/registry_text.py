"""The text of a registry: a module of static imports, laid out as ruff would lay it out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from netscript_kernel.plugins.registries.scanning import Found, Scan

HEADER: Final = "# Written by: netscript generate plugins. The next run undoes what is changed here.\n"
"""First line of everything that may be removed again; no file without it is ever touched."""

_WIDTH: Final = 88
_OWN: Final = (
    "CONTENT_HASH",
    "Contribution",
    "FOLDER",
    "Final",
    "Mapping",
    "MappingProxyType",
    "REGISTRY",
    "SOURCES",
)
_TEXT: Final = '''\
# ruff: noqa
"""What the plugin {plugin} contributes: {axis}."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from netscript_kernel.plugins.registries import Contribution
{imports}
FOLDER: Final = "{folder}"
REGISTRY: Final[Mapping[str, Contribution]] = MappingProxyType({registry})
SOURCES: Final[Mapping[str, str]] = MappingProxyType({sources})
CONTENT_HASH: Final = "{content_hash}"
'''


def registry_text(plugin: str, axis: str, scan: Scan) -> str:
    """Return the module: the same text for the same declarations, whatever the machine.

    Args:
        plugin: The plugin's name.
        axis: What is contributed.
        scan: Of its folder, without a fault.
    """
    names = _names(scan.found)
    imports = "".join(
        _import(each, names[each]) for each in sorted(scan.found, key=lambda each: (each.module, each.name))
    )
    return HEADER + _TEXT.format(
        plugin=plugin,
        axis=axis,
        imports=f"\n{imports}" if imports else "",
        folder=scan.folder,
        registry=_mapping((each.id, names[each]) for each in scan.found),
        sources=_mapping((each.id, f'"{each.file}"') for each in scan.found),
        content_hash=scan.content_hash,
    )


def _names(found: Sequence[Found]) -> dict[Found, str]:
    """Return how each is called in the registry: as in its module, unless another is called so too."""
    times = Counter([*_OWN, *(each.name for each in found)])
    return {
        each: each.name if times[each.name] == 1 else f"{each.module.replace('.', '_')}__{each.name}"
        for each in found
    }


def _import(found: Found, name: str) -> str:
    what = found.name if name == found.name else f"{found.name} as {name}"
    line = f"from {found.module} import {what}"
    return f"{line}\n" if len(line) <= _WIDTH else f"from {found.module} import (\n    {what},\n)\n"


def _mapping(rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f'        "{key}": {value},\n' for key, value in rows)
    return f"\n    {{\n{lines}    }}\n" if lines else "{}"
