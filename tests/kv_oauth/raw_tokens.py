"""Tokens of any three parts, which no library would write."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from netscript_kernel.ids import encode_base64url

Members = dict[str, Any]


def written(header: object, claims: object, signature: bytes = b"") -> str:
    """Write a token of any three parts, with numbers that no other writer would let pass."""
    return joined(json.dumps(header).encode(), json.dumps(claims).encode(), signature)


def joined(header: bytes, payload: bytes, signature: bytes = b"") -> str:
    """Write a token of any octets."""
    return ".".join(map(encode_base64url, (header, payload, signature)))


def signed(header: Mapping[str, object], claims: object, key: Key, algorithm: str = "RS256") -> str:
    """Write a token that this key signed, whatever its header says."""
    return sealed(written({"alg": algorithm, **header}, claims), key, algorithm)


def sealed(unsigned: str, key: Key, algorithm: str) -> str:
    """Sign a token that was written without a signature."""
    signature = JWSRegistry.algorithms[algorithm].sign(signed_part(unsigned), key)
    return with_signature(unsigned, signature)


def with_signature(token: str, signature: bytes) -> str:
    """Return the token with another signature."""
    return f"{token.rpartition('.')[0]}.{encode_base64url(signature)}"


def signature_of(token: str) -> bytes:
    """Return the octets of the signature."""
    return urlsafe_b64decode(token.rpartition(".")[2] + "==")


def signed_part(token: str) -> bytes:
    """Return what the signature of a token covers."""
    return token.rpartition(".")[0].encode()


def members_of(part: str) -> Members:
    """Return the members of a part of a token."""
    members: Members = json.loads(urlsafe_b64decode(part + "=="))
    return members
