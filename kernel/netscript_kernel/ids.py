"""Random tokens and identifiers, and the digests that are stored in their place."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode


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
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        sha.update(len(data).to_bytes(8, "big"))
        sha.update(data)
    return encode_base64url(sha.digest())


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
