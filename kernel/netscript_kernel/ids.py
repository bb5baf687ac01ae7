"""Random tokens and identifiers, and the digests that are stored in their place."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable


def new_token() -> str:
    """Return 256 random bits as 43 characters of unpadded base64url. A credential: store its digest."""
    return secrets.token_urlsafe(32)


def new_id(prefix: str) -> str:
    """Return an identifier such as ``usr_Vb3...``: 128 random bits behind a prefix. Not a secret."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"


def digest(*parts: str) -> str:
    """Return the SHA-256 of the parts as 43 characters of unpadded base64url.

    Parts are length-prefixed, so ``digest("ab", "c")`` and ``digest("a", "bc")`` differ.
    """
    return encode_base64url(hashlib.sha256(b"".join(map(_prefixed, parts))).digest())


def digest_after(first: str) -> Callable[[str], str]:
    """Return ``lambda second: digest(first, second)``, the first part prepared, for hot paths."""
    beginning = _prefixed(first)

    def finish(second: str) -> str:
        # At once: to go on from a copy of what was hashed takes longer, as long as both are short.
        return encode_base64url(hashlib.sha256(beginning + _prefixed(second)).digest())

    return finish


def encode_base64url(data: bytes) -> str:
    """Encode without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Decode base64url, padded or not.

    Raises:
        ValueError: a character outside the alphabet, or an impossible length. Never lenient: what
            decodes also encodes back to the same text.
    """
    bare = text.rstrip("=")
    data = urlsafe_b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4))
    if encode_base64url(data) != bare:
        raise ValueError("not canonical base64url")
    return data


def _prefixed(part: str) -> bytes:
    data = part.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "big") + data
