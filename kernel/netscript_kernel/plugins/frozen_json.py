"""JSON that nobody can change: objects become read-only mappings, arrays become tuples, all the way down."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias, cast

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from netscript_kernel.plugins.contributions import invalid
from netscript_kernel.plugins.faults import FaultCode

_DEEPEST: Final = 32
_FIX: Final = "use text, finite numbers, true, false, null, lists, and mappings with text as keys"


def freeze(value: object, depth: int = 0) -> object:
    """Return the same JSON value, immutable.

    Raises:
        PydanticCustomError: it is not JSON: another type, a key that is no text, a number that is none, or
            nested beyond reason.
    """
    if depth > _DEEPEST:
        raise invalid(FaultCode.METADATA_NOT_JSON, f"is nested deeper than {_DEEPEST} levels", _FIX)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return tuple(freeze(each, depth + 1) for each in cast("Sequence[object]", value))
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return MappingProxyType({_key(key): freeze(each, depth + 1) for key, each in items})
    raise invalid(FaultCode.METADATA_NOT_JSON, f"holds something of type {type(value).__name__}", _FIX)


def thaw(value: object) -> Any:
    """Return the same value as plain lists and dicts."""
    if isinstance(value, Mapping):
        return {key: thaw(each) for key, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, tuple):
        return [thaw(each) for each in cast("Sequence[object]", value)]
    return value


def _freeze_object(value: object) -> object:
    if not isinstance(value, Mapping):
        raise invalid(FaultCode.METADATA_NOT_JSON, "is no mapping", _FIX)
    return freeze(cast("Mapping[object, object]", value))


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise invalid(FaultCode.METADATA_NOT_JSON, f"has a key of type {type(key).__name__}", _FIX)
    return key


FrozenJsonObject: TypeAlias = Annotated[
    Mapping[str, Any],
    PlainValidator(_freeze_object),
    PlainSerializer(thaw),
    WithJsonSchema({"type": "object"}),
]
"""A field that holds a JSON object."""
