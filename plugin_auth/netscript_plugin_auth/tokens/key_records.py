"""A signing key: when it signs, how it is published, and how it is kept."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import AwareDatetime, BaseModel

from netscript_kernel.ids import encode_base64url
from netscript_plugin_auth.tokens.limits import LONGEST_TTL, SLACK

ALGORITHM: Final = "ES256"
_COORDINATE_BYTES: Final = 32


class KeyRecord(BaseModel):
    """What is stored of one.

    Attributes:
        x: A coordinate of the public point, as JWK sets have it (RFC 7518 section 6.2.1).
        y: The other.
        private: Sealed, base64url.
        signs_from: From then on, unless a later one signs.
        signs_until: Until then at the longest.
    """

    key_id: str
    x: str
    y: str
    private: str
    signs_from: AwareDatetime
    signs_until: AwareDatetime

    @property
    def published_until(self) -> datetime:
        """When everything that it signed has ended."""
        return self.signs_until + LONGEST_TTL + SLACK

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as a JWK set has it."""
        public = {"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y}
        return {**public, "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One as it was read.

    Attributes:
        record: What is stored.
        private: The private key, PKCS #8 in PEM; ``None`` where the key that sealed it is gone.
    """

    record: KeyRecord = field(repr=False)
    private: bytes | None = field(repr=False)

    @property
    def key_id(self) -> str:
        """The ``kid`` of what it signs."""
        return self.record.key_id

    def signs_at(self, now: datetime) -> bool:
        """Whether it is its time, and it can."""
        return self.private is not None and self.record.signs_from <= now < self.record.signs_until


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key pair, which nobody knows yet.

    Attributes:
        key_id: The thumbprint of the public key (RFC 7638).
        private: PKCS #8 in PEM.
    """

    key_id: str
    x: str
    y: str
    private: bytes = field(repr=False)


def new_key_pair() -> KeyPair:
    """Make one for ES256."""
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    x, y = (encode_base64url(each.to_bytes(_COORDINATE_BYTES, "big")) for each in (numbers.x, numbers.y))
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(encode_base64url(sha256(canonical.encode()).digest()), x, y, pem)
