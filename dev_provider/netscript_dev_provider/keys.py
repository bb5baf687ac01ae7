"""The keys that sign: the current one, the retired ones, and one that nobody published."""

import secrets
from functools import cached_property
from typing import Final

from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry

SIGNING_ALGORITHM: Final = "RS256"
_KEY_BITS: Final = 2048


class SigningKeys:
    """The RSA keys of one provider, made when first asked for and forgotten at its end."""

    def __init__(self) -> None:
        self._retired: list[RSAKey] = []

    @cached_property
    def current(self) -> RSAKey:
        """The one key that is published and signs."""
        return _new_key()

    @cached_property
    def foreign(self) -> RSAKey:
        """A key that is never published: an impostor's."""
        return _new_key()

    def sign(self, message: bytes) -> bytes:
        """Return the bare signature of the current key, for tokens that joserfc rightly refuses to write."""
        return JWSRegistry.algorithms[SIGNING_ALGORITHM].sign(message, self.current)

    def sign_as_impostor(self, message: bytes) -> bytes:
        """Return the bare signature of the key that nobody published."""
        return JWSRegistry.algorithms[SIGNING_ALGORITHM].sign(message, self.foreign)

    def rotate(self) -> None:
        """Sign with a new key under a new ``kid`` from now on; the old one leaves the key set at once."""
        self._retired.append(self.current)
        self.current = _new_key()

    def published(self) -> dict[str, object]:
        """Return the key set for relying parties (RFC 7517 section 5)."""
        return {"keys": [{**self.current.as_dict(private=False), "alg": SIGNING_ALGORITHM, "use": "sig"}]}

    def ever_used(self) -> KeySet:
        """Return every key that signed something, to recognise our own old tokens."""
        return KeySet([self.current, *self._retired])


def _new_key() -> RSAKey:
    return RSAKey.generate_key(_KEY_BITS, {"kid": secrets.token_urlsafe(8)})
