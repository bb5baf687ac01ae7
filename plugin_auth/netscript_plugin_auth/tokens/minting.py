"""Signs tokens with python-jose: the one module that needs the extra ``tokens``."""

from collections.abc import Mapping
from typing import Any, Final

from jose import jwk, jws

from netscript_plugin_auth.tokens.key_records import ALGORITHM, SigningKey

TYPE: Final = "at+jwt"  # RFC 9068 section 2.1: what is no access token is not taken for one


class Minter:
    """Makes tokens; a key is read once, not for each of them."""

    def __init__(self) -> None:
        self._key_id = ""
        self._key: Any = None

    def mint(self, claims: Mapping[str, object], key: SigningKey) -> str:
        """Return the claims, signed: a compact JWS.

        Args:
            claims: As JSON has them.
            key: One that signs.
        """
        if self._key_id != key.key_id:
            if key.private is None:
                raise ValueError("this signing key cannot be used")
            self._key = jwk.construct(key.private.decode("ascii"), ALGORITHM)
            self._key_id = key.key_id
        headers = {"typ": TYPE, "kid": key.key_id}
        return jws.sign(claims, self._key, headers=headers, algorithm=ALGORITHM)
