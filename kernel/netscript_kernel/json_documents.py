"""JSON from elsewhere, with types that can be relied on."""

from typing import TypeGuard

import orjson


def read_json(text: bytes) -> object:
    """Return what a JSON text says, or ``None`` if it is none. NaN is no JSON."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value


def read_json_object(text: bytes) -> dict[str, object] | None:
    """Return a JSON object, or ``None`` if the text is anything else."""
    value = read_json(text)
    return value if is_object(value) else None


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether this part of a JSON document is an object; its names are always text."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Whether this part of a JSON document is an array."""
    return isinstance(value, list)


def find(document: object, path: str | None) -> object:
    """Return what stands at a path such as ``data.images.0.url``, or ``None`` where that leads nowhere.

    Args:
        document: Any part of a JSON document.
        path: Names joined by dots; a number picks from an array. ``None`` leads to the document itself.
    """
    for step in path.split(".") if path else ():
        if is_array(document) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif is_object(document):
            document = document.get(step)
        else:
            return None
    return document
