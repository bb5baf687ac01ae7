"""Signatures that are nearly good ones: of the wrong form, out of range, with a hole in their padding."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey, RSAKey

from tests.kv_oauth.jwt_verdicts import CLAIMS, SIGNERS
from tests.kv_oauth.raw_tokens import signature_of, signed, signed_part, with_signature, written

BITS: Final = 2048
OCTETS: Final = BITS // 8
# Of EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 9.2, note 1).
DIGEST_INFO: Final = bytes.fromhex("3031300d060960864801650304020105000420")
ORDER_OF_ED25519: Final = 2**252 + 27742317777372353535851937790883648493


def _ecdsa() -> dict[str, Callable[[int, int, int], bytes]]:
    """Return what can be made of two numbers and the order of their curve; in octets of the usual length."""
    return {
        "DER": lambda r, s, _: encode_dss_signature(r, s),
        "swapped": lambda r, s, n: _pair(s, r, n),
        "nothing but zeros": lambda _, __, n: _pair(0, 0, n),
        "r is zero": lambda _, s, n: _pair(0, s, n),
        "s is zero": lambda r, _, n: _pair(r, 0, n),
        "r is the order": lambda _, s, n: _pair(n, s, n),
        "s is the order": lambda r, _, n: _pair(r, n, n),
        "both are one": lambda _, __, n: _pair(1, 1, n),
        "r and s too long": lambda r, s, n: _pair(r, s, n, more=1),
        "r and s far too long": lambda r, s, n: _pair(r, s, n, more=16),
        "cut short": lambda r, s, n: _pair(r, s, n)[:-1],
        "with more behind": lambda r, s, n: _pair(r, s, n) + b"\0",
        "with more in front": lambda r, s, n: b"\0" + _pair(r, s, n),
        "r alone": lambda r, s, n: _pair(r, s, n)[: _length(n)],
    }


ECDSA: Final = _ecdsa()


def _pair(r: int, s: int, order: int, more: int = 0) -> bytes:
    length = _length(order) + more
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def _length(order: int) -> int:
    return (order.bit_length() + 7) // 8


def ecdsa(algorithm: str, signer: str, form: str) -> str:
    """Return a token with such a signature."""
    token, r, s, order = _ecdsa_parts(algorithm, signer)
    return with_signature(token, ECDSA[form](r, s, order))


def beyond_the_order(part: str) -> str:
    """Return a token whose r or s is as much too large as fits: only P-521 leaves room for that."""
    token, r, s, order = _ecdsa_parts("ES512", "p521")
    return with_signature(token, _pair(r + order * (part == "r"), s + order * (part == "s"), order))


def mirrored(algorithm: str, signer: str) -> str:
    """Return a token with the other good signature that goes with every one: -s verifies like s."""
    token, r, s, order = _ecdsa_parts(algorithm, signer)
    return with_signature(token, _pair(r, order - s, order))


def _ecdsa_parts(algorithm: str, signer: str) -> tuple[str, int, int, int]:
    key = SIGNERS[signer]
    assert isinstance(key, ECKey)
    curve = key.public_key.curve
    assert isinstance(curve, ec.EllipticCurve)
    token = signed({"kid": signer}, CLAIMS_OF_ALL, key, algorithm)
    signature = signature_of(token)
    half = len(signature) // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    return token, r, s, curve.group_order


CLAIMS_OF_ALL: Final = dict(CLAIMS)
_UNSIGNED: Final = written({"alg": "RS256", "kid": "rsa"}, CLAIMS_OF_ALL)
_DIGEST: Final = hashlib.sha256(signed_part(_UNSIGNED)).digest()
_SHA1: Final = hashlib.sha1(signed_part(_UNSIGNED), usedforsecurity=False).digest()


def _padded(
    info: bytes,
    *,
    kind: bytes = b"\x01",
    fill: bytes = b"\xff",
    fills: int | None = None,
    end: bytes = b"\0",
    behind: bytes = b"",
) -> bytes:
    """Return a block as RSASSA-PKCS1-v1_5 has it, with something else in one place."""
    count = OCTETS - 3 - len(info) - len(behind) if fills is None else fills
    return (b"\0" + kind + fill * count + end + info + behind).ljust(OCTETS, b"\0")


GOOD_BLOCK: Final = _padded(DIGEST_INFO + _DIGEST)
BLOCKS: Final[Mapping[str, bytes]] = {
    "no parameters": _padded(bytes.fromhex("302f300b06096086480165030402010420") + _DIGEST),
    "something among the parameters": _padded(
        bytes.fromhex("3035301106096086480165030402010504414141410420") + _DIGEST
    ),
    "a length written long": _padded(bytes.fromhex("308131300d060960864801650304020105000420") + _DIGEST),
    "another digest": _padded(bytes.fromhex("3021300906052b0e03021a05000414") + _SHA1),
    "the bare digest": _padded(_DIGEST),
    "little padding, and anything behind": _padded(DIGEST_INFO + _DIGEST, fills=8, behind=b"A" * 50),
    "little padding, and zeros behind": _padded(DIGEST_INFO + _DIGEST, fills=8),
    "other padding": _padded(DIGEST_INFO + _DIGEST, fill=b"\xfe"),
    "no end of the padding": _padded(DIGEST_INFO + _DIGEST, end=b"\xff"),
    "of another kind": _padded(DIGEST_INFO + _DIGEST, kind=b"\x02"),
    "of no kind": _padded(DIGEST_INFO + _DIGEST, kind=b"\0"),
    "one": b"\x01".rjust(OCTETS, b"\0"),
}


def rsa_block(block: bytes) -> str:
    """Return a token whose signature is a block to which nothing but the private operation was done."""
    return with_signature(_UNSIGNED, _power(block).to_bytes(OCTETS, "big"))


def rsa_number(change: Callable[[int, int], bytes]) -> str:
    """Return a token whose signature is made of the good one and the modulus."""
    return with_signature(_UNSIGNED, change(_power(GOOD_BLOCK), _numbers().public_numbers.n))


RSA_NUMBERS: Final[Mapping[str, Callable[[int, int], bytes]]] = {
    "an octet too many": lambda s, _: b"\0" + s.to_bytes(OCTETS, "big"),
    "an octet too few": lambda s, _: s.to_bytes(OCTETS, "big")[:-1],
    "its negative": lambda s, n: (n - s).to_bytes(OCTETS, "big"),
    "beyond the modulus": lambda s, n: (s + n).to_bytes(OCTETS + 1, "big"),
    "the modulus": lambda _, n: n.to_bytes(OCTETS, "big"),
    "zero": lambda _, __: bytes(OCTETS),
    "one": lambda _, __: b"\x01".rjust(OCTETS, b"\0"),
    "nothing": lambda _, __: b"\0",
}


def pss(salt: int, mask: hashes.HashAlgorithm) -> str:
    """Return a PS256 token with another length of salt, or another mask."""
    unsigned = written({"alg": "PS256", "kid": "rsa"}, CLAIMS_OF_ALL)
    form = padding.PSS(padding.MGF1(mask), salt)
    return with_signature(unsigned, _private().sign(signed_part(unsigned), form, hashes.SHA256()))


EDWARDS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "s beyond the order": lambda signature: signature[:32] + _plus_order(signature[32:]),
    "nothing but zeros": lambda _: bytes(64),
    "the neutral element": lambda _: b"\x01" + bytes(63),
    "with more behind": lambda signature: signature + b"\0",
    "cut short": lambda signature: signature[:-1],
    "r alone": lambda signature: signature[:32],
}


def edwards(algorithm: str, form: str) -> str:
    """Return a token with such a signature."""
    token = signed({"kid": "ed"}, CLAIMS_OF_ALL, SIGNERS["ed"], algorithm)
    return with_signature(token, EDWARDS[form](signature_of(token)))


def _plus_order(s: bytes) -> bytes:
    return (int.from_bytes(s, "little") + ORDER_OF_ED25519).to_bytes(32, "little")


def _private() -> rsa.RSAPrivateKey:
    key = SIGNERS["rsa"]
    assert isinstance(key, RSAKey)
    assert key.private_key is not None
    return key.private_key


def _numbers() -> rsa.RSAPrivateNumbers:
    return _private().private_numbers()


def _power(block: bytes) -> int:
    return pow(int.from_bytes(block, "big"), _numbers().d, _numbers().public_numbers.n)
