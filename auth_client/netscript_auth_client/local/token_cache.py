"""Tokens that were verified a moment ago, so that the next request with one costs no signature.

Only what is true for as long as the token lives is kept: whether its session was revoked is looked up for
each request. A key is the digest of a whole token, so that no token is kept in memory for longer than needed.
"""

import hashlib
from typing import Final

from netscript_auth_client.local.token_claims import VerifiedToken

MOST_TOKENS: Final = 10_000


class TokenCache:
    """Verified tokens until they end; where there are too many, the oldest goes.

    Args:
        most: How many.
    """

    def __init__(self, most: int = MOST_TOKENS) -> None:
        self._most = most
        self._held: dict[bytes, VerifiedToken] = {}

    def __len__(self) -> int:
        return len(self._held)

    @staticmethod
    def key_of(token: bytes) -> bytes:
        """Return what a token is kept under."""
        return hashlib.sha256(token).digest()

    def get(self, key: bytes, now: float) -> VerifiedToken | None:
        """Return a token that has not ended."""
        held = self._held.get(key)
        if held is None or now < held.ends_at:
            return held
        del self._held[key]
        return None

    def put(self, key: bytes, verified: VerifiedToken) -> None:
        """Keep a token."""
        if len(self._held) >= self._most:
            del self._held[next(iter(self._held))]
        self._held[key] = verified

    def clear(self) -> None:
        """Forget all of them."""
        self._held.clear()
