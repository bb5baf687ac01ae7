"""Compact JWS, taken apart before anything in it is believed (RFC 7515 sections 3.1, 5.2; RFC 8725)."""

import re
from dataclasses import dataclass, field
from typing import Final

from netscript_kernel.ids import decode_base64url
from netscript_kernel.json_documents import read_json_object

MOST_CHARACTERS: Final = 16 * 1024
_SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# Places to fetch a key from, keys that the sender brings along, extensions that change what is signed: who
# sends one of them wants something that we never do (RFC 8725 section 3.10).
_UNWANTED: Final = ("crit", "b64", "jku", "x5u", "jwk")


class JwsError(Exception):
    """Not an acceptable JWS."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS in its parts; its signature is still to be verified.

    Attributes:
        algorithm: As the header says.
        key_id: As the header says, if it does.
        typ: Likewise, in lower case and without ``application/`` (RFC 7515 section 4.1.9).
        claims: Not to be believed yet.
        signed: The octets that the signature covers.
        signature: The octets of the signature.
    """

    algorithm: str
    key_id: str | None
    typ: str | None
    claims: dict[str, object] = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def parse_jws(text: str) -> Jws:
    """Take a compact JWS apart.

    Raises:
        JwsError: too long, not three parts of canonical base64url, no JSON objects in them, or a header that
            asks for something unwanted. Says which, and repeats nothing of it.
    """
    if len(text) > MOST_CHARACTERS:
        raise JwsError(f"more than {MOST_CHARACTERS} characters")
    parts = _SHAPE.fullmatch(text)
    if parts is None:
        raise JwsError("not three parts of base64url")
    header = _json(parts[1], "header")
    unwanted = [name for name in _UNWANTED if name in header]
    if unwanted:
        raise JwsError(f"header with {', '.join(unwanted)}")
    return Jws(
        algorithm=_text(header, "alg") or "none",
        key_id=_text(header, "kid"),
        typ=_type(_text(header, "typ")),
        claims=_json(parts[2], "payload"),
        signed=f"{parts[1]}.{parts[2]}".encode("ascii"),
        signature=_octets(parts[3], "signature"),
    )


def _json(part: str, name: str) -> dict[str, object]:
    value = read_json_object(_octets(part, name))
    if value is None:
        raise JwsError(f"{name} that is not a JSON object")
    return value


def _octets(part: str, name: str) -> bytes:
    try:
        return decode_base64url(part)
    except ValueError:
        raise JwsError(f"{name} that is not canonical base64url") from None


def _text(header: dict[str, object], name: str) -> str | None:
    value = header.get(name)
    if value is not None and not isinstance(value, str):
        raise JwsError(f"{name} that is not text")
    return value


def _type(typ: str | None) -> str | None:
    return typ.lower().removeprefix("application/") if typ is not None else None
