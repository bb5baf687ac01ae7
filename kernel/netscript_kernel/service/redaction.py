"""Keeps secrets out of logs: by the name of a field, and by the look of a text."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

REDACTED = "[redacted]"

_SECRET_NAMES = frozenset(
    {
        "api_key",
        "assertion",
        "authorization",
        "authorization_code",
        "client_secret",
        "code",
        "code_verifier",
        "cookie",
        "cookies",
        "key",
        "keys",
        "nonce",
        "password",
        "private_key",
        "proxy_authorization",
        "secret",
        "set_cookie",
        "signing_key",
        "state",
        "token",
    }
)
_SECRET_ENDINGS = ("_token", "_secret", "_password", "_cookie", "_verifier")
_QUERY = re.compile(r"[?#][^\s\"'<>?#]*=[^\s\"'<>]*")
_CREDENTIAL = re.compile(r"(?i)\b(bearer|basic|dpop)\s+[A-Za-z0-9._~+/=-]{16,}")
_USERINFO = re.compile(r"(?<=://)[^\s/@\"'<>]+@")
_DEEPEST = 6


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask secrets of a log entry; a structlog processor.

    Values of fields with a secret's name become ``[redacted]``. In every other text the queries and
    fragments of URLs, their user info, and credentials after ``Bearer`` are masked.
    """
    for name, value in event.items():
        if not name.startswith("_"):
            event[name] = _masked_field(name, value, _DEEPEST)
    return event


def mask_text(text: str) -> str:
    """Return a text without queries of URLs, passwords in URLs and bearer credentials."""
    text = _QUERY.sub(lambda found: found[0][0] + REDACTED, text)
    text = _CREDENTIAL.sub(lambda found: f"{found[1]} {REDACTED}", text)
    return _USERINFO.sub(f"{REDACTED}@", text)


def _masked_field(name: str, value: object, depth: int) -> object:
    plain = name.lower().replace("-", "_")
    if value is not None and (plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)):
        return REDACTED
    return _masked(value, depth)


def _masked(value: object, depth: int) -> object:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, bool | int | float | None):
        return value
    if depth == 0 or isinstance(value, bytes | bytearray | memoryview):
        return REDACTED
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value)
        return {str(name): _masked_field(str(name), each, depth - 1) for name, each in fields.items()}
    if isinstance(value, Sequence):
        return [_masked(each, depth - 1) for each in cast("Sequence[object]", value)]
    return mask_text(str(value))
