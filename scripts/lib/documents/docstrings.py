"""Docstrings as Markdown."""

import re
from collections.abc import Iterator

from griffe import Docstring, DocstringSection, DocstringSectionKind

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")
_LITERAL = re.compile(r"``([^`]+)``")
_EXAMPLE = re.compile(r"::\n\n((?: {4,}.*\n?|\n)+)")
_TITLES = {
    DocstringSectionKind.parameters: "Takes",
    DocstringSectionKind.attributes: "Has",
    DocstringSectionKind.raises: "Raises",
    DocstringSectionKind.returns: "Returns",
    DocstringSectionKind.yields: "Yields",
}


def docstring_text(docstring: Docstring | None) -> str:
    """Return a docstring as paragraphs and lists; empty where there is none."""
    if docstring is None:
        return ""
    return "\n\n".join(filter(None, map(_section, docstring.parsed)))


def inline(text: str) -> str:
    """Return text with its roles and literals as Markdown has them."""
    return _LITERAL.sub(r"`\1`", _ROLE.sub(r"`\1`", text)).strip()


def _section(section: DocstringSection) -> str:
    if section.kind is DocstringSectionKind.text:
        return inline(_EXAMPLE.sub(_example, f"{section.value}\n"))
    if section.kind is DocstringSectionKind.admonition:
        return f"{section.title}: {inline(section.value.contents)}"
    if section.kind in _TITLES:
        return "\n".join([f"{_TITLES[section.kind]}:", "", *_items(section)])
    raise ValueError(f"a section of a docstring that nobody has put into words yet: {section.kind.value}")


def _items(section: DocstringSection) -> Iterator[str]:
    for item in section.value:
        name = item.annotation if section.kind is DocstringSectionKind.raises else getattr(item, "name", "")
        words = inline(" ".join(item.description.split()))
        yield f"- `{name}`: {words}" if name else f"- {words}"


def _example(match: re.Match[str]) -> str:
    lines = [line[4:] for line in match[1].rstrip().splitlines()]
    return "\n".join([":" if match.start() else "", "", "```text", *lines, "```", ""])
