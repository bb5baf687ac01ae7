"""Stored models with a schema version, so that an upgrade signs nobody out.

A record is JSON ``{"v": 1, "r": {...}}``. A reader takes every version it knows; a newer one is an error that
says so, never a guess.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from netscript_kernel.errors import StoreCorruptError

SCHEMA_VERSION = 1

Record = TypeVar("Record", bound=BaseModel)
_envelope: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def encode_record(record: BaseModel) -> bytes:
    """Return the stored form of a model."""
    body = record.model_dump_json(by_alias=False, exclude_none=True).encode()
    return b'{"v":%d,"r":%b}' % (SCHEMA_VERSION, body)


def decode_record(model: type[Record], stored: bytes) -> Record:
    """Read a stored model.

    Raises:
        StoreCorruptError: newer than this program, or not a record of this kind.
    """
    kind = model.__name__
    try:
        envelope = _envelope.validate_json(stored)
    except ValidationError:
        # Pydantic's error repeats its input: what is stored belongs in no log.
        raise StoreCorruptError(kind, "is not a JSON object") from None
    if envelope.get("v") != SCHEMA_VERSION:
        raise StoreCorruptError(kind, f"has schema version {envelope.get('v')!r}, not {SCHEMA_VERSION}")
    try:
        return model.model_validate(envelope.get("r"))
    except ValidationError as error:
        raise StoreCorruptError(kind, f"does not fit ({_faults(error)})") from None


def _faults(error: ValidationError) -> str:
    """Say which fields are wrong and how, without their values."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    return ", ".join(".".join(map(str, fault["loc"])) + ": " + fault["type"] for fault in faults[:5])
