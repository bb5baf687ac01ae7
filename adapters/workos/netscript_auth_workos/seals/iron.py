"""Cookies of the Node SDK: iron, ``Fe26.2*1*<salt>*<iv>*<data>*<end>*<mac salt>*<mac>~2``.

AES-256-CBC, then HMAC-SHA256 over all before it; both keys from the password by PBKDF2-SHA1 with one round
and the salt as the text that it is. Source: iron-webcrypto, as @workos-inc/node 8.13 brings it.
"""

import hashlib
import hmac
import os
import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.seals.session_data import SealRefusedError
from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url, encode_base64url

PREFIX: Final = "Fe26."
SHORTEST_PASSWORD: Final = 32
_SHAPE: Final = re.compile(
    r"(?P<signed>Fe26\.2\*[A-Za-z0-9_]{0,32}\*(?P<salt>[0-9a-f]{64})\*(?P<iv>[A-Za-z0-9_-]{22})"
    r"\*(?P<data>[A-Za-z0-9_-]+)\*(?P<end>[1-9][0-9]{0,15}|))"
    r"\*(?P<mac_salt>[0-9a-f]{64})\*(?P<mac>[A-Za-z0-9_-]{43})(?:~2)?"
)
_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 16
_BLOCK_BITS: Final = _BLOCK_BYTES * 8
_SALT_BYTES: Final = 32
_SKEW_SECONDS: Final = 60  # as iron allows


class IronSeal:
    """Opens and seals.

    Args:
        password: At least 32 characters.
        clock: Tells whether a seal is over.
    """

    def __init__(self, password: str, clock: Clock) -> None:
        self._password = password.encode()
        self._clock = clock

    def open(self, text: str) -> bytes:
        """Return what was sealed.

        Raises:
            SealRefusedError: it is no such seal, none of this password, or over.
        """
        parts = _SHAPE.fullmatch(text)
        if parts is None:
            raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, "no Fe26.2 seal, or more than one")
        try:
            told, iv, data = (decode_base64url(parts[name]) for name in ("mac", "iv", "data"))
        except ValueError:
            problem = "a Fe26.2 seal that is not canonical base64url"
            raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, problem) from None
        if not hmac.compare_digest(self._mac(parts["signed"], parts["mac_salt"]), told):
            problem = "a Fe26.2 seal that WORKOS_COOKIE_PASSWORD does not open"
            raise SealRefusedError(AnonymousReason.SEAL_UNOPENED, problem)
        if parts["end"] and int(parts["end"]) / 1000 <= self._clock.unix() - _SKEW_SECONDS:
            raise SealRefusedError(AnonymousReason.SEAL_EXPIRED, "a Fe26.2 seal that is over")
        return self._decrypted(data, parts["salt"], iv)

    def seal(self, data: bytes) -> str:
        """Return the cookie's value; like the SDK's, it has no end."""
        salt, mac_salt, iv = (
            os.urandom(_SALT_BYTES).hex(),
            os.urandom(_SALT_BYTES).hex(),
            os.urandom(_BLOCK_BYTES),
        )
        padder, cipher = PKCS7(_BLOCK_BITS).padder(), Cipher(AES(self._key(salt)), CBC(iv)).encryptor()
        padded = padder.update(data) + padder.finalize()
        hidden = cipher.update(padded) + cipher.finalize()
        signed = f"Fe26.2*1*{salt}*{encode_base64url(iv)}*{encode_base64url(hidden)}*"
        return f"{signed}*{mac_salt}*{encode_base64url(self._mac(signed, mac_salt))}~2"

    def _decrypted(self, data: bytes, salt: str, iv: bytes) -> bytes:
        cipher, unpadder = Cipher(AES(self._key(salt)), CBC(iv)).decryptor(), PKCS7(_BLOCK_BITS).unpadder()
        try:
            return unpadder.update(cipher.update(data) + cipher.finalize()) + unpadder.finalize()
        except ValueError:
            # Whoever made it has the password, so that this tells nothing to anybody else.
            problem = "a Fe26.2 seal around something that was not encrypted as it should be"
            raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, problem) from None

    def _mac(self, signed: str, salt: str) -> bytes:
        return hmac.digest(self._key(salt), signed.encode("ascii"), "sha256")

    def _key(self, salt: str) -> bytes:
        return hashlib.pbkdf2_hmac("sha1", self._password, salt.encode("ascii"), 1, _KEY_BYTES)
