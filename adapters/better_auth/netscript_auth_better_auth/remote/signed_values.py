"""The values of better-auth's signed cookies: a token, a dot, and an HMAC of the token in base64.

Source: better-call 1.x ``signCookieValue``, as in better-auth 1.7.25.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

# The signature may be percent-encoded, as in cookies, or not, as in the header that hands it to programs.
_SIGNED: Final = re.compile(
    r"(?P<token>[A-Za-z0-9_-]{1,128})\.(?P<signature>(?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd]))"
)


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A signed value in its parts; its signature is still to be verified.

    Attributes:
        token: What is signed.
        signature: In base64, 44 characters.
    """

    token: str = field(repr=False)
    signature: str = field(repr=False)

    @classmethod
    def made(cls, token: str, secret: bytes) -> "SignedValue":
        """Sign a token as the server does."""
        return cls(token, sign(token, secret))

    @property
    def text(self) -> str:
        """The whole, as programs send it."""
        return f"{self.token}.{self.signature}"

    @property
    def in_a_cookie(self) -> str:
        """The whole, as browsers send it."""
        return quote(self.text, safe="")

    def is_signed_with(self, secret: bytes) -> bool:
        """Whether the server signed this, if that is its secret. Compares in constant time."""
        return hmac.compare_digest(sign(self.token, secret).encode(), self.signature.encode())


def read_signed_value(text: str) -> SignedValue | None:
    """Take a value apart; ``None`` where it is none. Nothing is unescaped but what a signature can have."""
    match = _SIGNED.fullmatch(text)
    if match is None:
        return None
    return SignedValue(match["token"], unquote(match["signature"]))


def sign(token: str, secret: bytes) -> str:
    """Return the signature of a token, in base64."""
    return base64.b64encode(hmac.digest(secret, token.encode(), "sha256")).decode("ascii")
