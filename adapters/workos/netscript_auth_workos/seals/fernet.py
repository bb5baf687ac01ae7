"""Cookies of the Python SDK: Fernet, with the password itself as the key."""

import re
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.seals.session_data import SealRefusedError
from netscript_kernel.ids import decode_base64url

PREFIX: Final = "gAAAA"
KEY_BYTES: Final = 32
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def is_fernet_key(password: str) -> bool:
    """Whether a password is 32 bytes of base64url, which is what Fernet needs."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", password):
        return False
    try:
        return len(decode_base64url(password)) == KEY_BYTES
    except ValueError:
        return False


class FernetSeal:
    """Opens and seals.

    Args:
        password: A Fernet key.
    """

    def __init__(self, password: str) -> None:
        self._fernet = Fernet(password)

    def open(self, text: str) -> bytes:
        """Return what was sealed. The SDK puts no end on it, so there is none.

        Raises:
            SealRefusedError: it is no Fernet token, or none of this password.
        """
        # The library reads base64 leniently: whatever stands behind the padding would be passed over.
        if not _SHAPE.fullmatch(text) or len(text) % 4 or not _is_canonical(text):
            raise SealRefusedError(AnonymousReason.COOKIE_MALFORMED, "no Fernet token, or more than one")
        try:
            return self._fernet.decrypt(text)
        except InvalidToken:
            problem = "a Fernet seal that WORKOS_COOKIE_PASSWORD does not open"
            raise SealRefusedError(AnonymousReason.SEAL_UNOPENED, problem) from None

    def seal(self, data: bytes) -> str:
        """Return the cookie's value."""
        return self._fernet.encrypt(data).decode("ascii")


def _is_canonical(text: str) -> bool:
    try:
        decode_base64url(text)
    except ValueError:
        return False
    return True
