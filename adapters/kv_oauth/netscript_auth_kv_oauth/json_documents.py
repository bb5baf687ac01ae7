"""JSON from elsewhere, with types that can be relied on."""

from typing import TypeGuard

import orjson


def read_json_object(text: bytes) -> dict[str, object] | None:
    """Return a JSON object, or ``None`` if the text is anything else. NaN is no JSON."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if is_object(value) else None


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether this part of a JSON document is an object; its names are always text."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Whether this part of a JSON document is an array."""
    return isinstance(value, list)
