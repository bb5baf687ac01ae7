"""Published signing keys: what of a JWK set can verify (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from netscript_kernel.ids import decode_base64url
from netscript_kernel.jose.jws import Jws
from netscript_kernel.json_documents import is_array, is_object

MOST_KEYS: Final = 100
_RSA_BITS: Final = (2048, 8192)  # RFC 7518 section 3.3; more would only cost us time
_KINDS: Final = (RSAKey, ECKey, OKPKey)
_PRIVATE: Final = frozenset({"d", "k", "p", "q"})


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key that may have signed a token.

    Attributes:
        key_id: As published, if it is.
        algorithms: What it can verify.
        issuer: Whose tokens it signs, where a key set of many issuers says so, as Entra's does.
        key: Of joserfc.
    """

    key_id: str | None
    algorithms: frozenset[str]
    issuer: str | None
    key: RSAKey | ECKey | OKPKey = field(repr=False)

    @property
    def thumbprint(self) -> str:
        """What the key is made of, whatever else is published with it (RFC 7638)."""
        return self.key.thumbprint()

    def verifies(self, jws: Jws) -> bool:
        """Whether this key made the signature."""
        try:
            return JWSRegistry.algorithms[jws.algorithm].verify(jws.signed, jws.signature, self.key)
        except (JoseError, ValueError, TypeError):
            return False


Keys = tuple[VerificationKey, ...]


def read_key_set(document: Mapping[str, object], algorithms: tuple[str, ...]) -> Keys:
    """Return the usable keys of a JWK set; others are passed over one by one (RFC 7517 section 5)."""
    entries = document.get("keys")
    if not is_array(entries):
        return ()
    found = (_read_key(entry, algorithms) for entry in entries[:MOST_KEYS])
    return tuple(key for key in found if key is not None)


def _read_key(entry: object, algorithms: tuple[str, ...]) -> VerificationKey | None:
    if not is_object(entry) or _PRIVATE & entry.keys():
        return None
    members: dict[str, str | list[str]] = {
        name: value for name, value in entry.items() if isinstance(value, str)
    }
    try:
        key = JWKRegistry.import_key(members) if _is_usable(entry) else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, _KINDS):
        return None
    fitting = frozenset(name for name in algorithms if _fits(name, key))
    issuer = entry.get("issuer")
    named = issuer if isinstance(issuer, str) else None
    return VerificationKey(key.kid, fitting, named, key) if fitting else None


def _is_usable(entry: Mapping[str, object]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    is_for_signatures = entry.get("use", "sig") == "sig" and is_array(operations) and "verify" in operations
    return is_for_signatures and (entry.get("kty") != "RSA" or _is_strong(str(entry.get("n"))))


def _is_strong(modulus: str) -> bool:
    # Before the import, since joserfc lets weak keys pass with a warning.
    least, most = _RSA_BITS
    return least <= int.from_bytes(decode_base64url(modulus), "big").bit_length() <= most


def _fits(algorithm: str, key: RSAKey | ECKey | OKPKey) -> bool:
    if key.alg is not None and key.alg != algorithm:
        return False
    try:
        JWSRegistry.algorithms[algorithm].check_key(key)
    except JoseError:
        return False
    return True
