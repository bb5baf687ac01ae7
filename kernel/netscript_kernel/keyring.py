"""The service's keys: sealing of stored secrets and derivation of signing keys, with rotation.

Rotation without signing anybody out: append the next key to the list (every process can now open what
it seals), move it to the front (it now seals), and drop the old one when nothing needs it any more.
"""

import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, encode_base64url

KEY_BYTES = 32
_FORMAT = b"\x01"
_ID_BYTES = 8
_NONCE_BYTES = 12
_ID_ENDS = len(_FORMAT) + _ID_BYTES


_BETWEEN = re.compile(r"\s*,\s*|\s+")


class KeyRing:
    """Keys by id: the first seals, all of them open.

    Each record is sealed under a key of its own, derived from purpose and record id (HKDF-SHA256,
    RFC 5869), so that the bound of 2**32 random nonces per AES-GCM key (NIST SP 800-38D section 8.3)
    counts rewrites of one record, not records.

    Args:
        keys: 32 random bytes each; the first is current, the others are previous or next ones.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a key ring holds at least one key")
        if any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"every key is {KEY_BYTES} bytes")
        self._keys = {_derive(key, b"id", _ID_BYTES): key for key in keys}
        self._current = next(iter(self._keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys, current first; they tell nothing about the keys."""
        return tuple(encode_base64url(key_id) for key_id in self._keys)

    def key_id(self, sealed: bytes) -> str | None:
        """Return the id of the key that sealed this, configured or not; ``None`` where nothing was sealed."""
        if sealed[: len(_FORMAT)] != _FORMAT or len(sealed) < _ID_ENDS:
            return None
        return encode_base64url(sealed[len(_FORMAT) : _ID_ENDS])

    def seal(self, plaintext: bytes, *, purpose: str, record_id: str) -> bytes:
        """Encrypt so that it opens for this purpose and record only.

        Returns:
            One format byte, 8 bytes of key id, 12 bytes of nonce, then AES-256-GCM ciphertext and tag.
        """
        context = _context(purpose, record_id)
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(_derive(self._keys[self._current], context))
        header = _FORMAT + self._current + nonce
        return header + cipher.encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, *, purpose: str, record_id: str) -> bytes:
        """Decrypt what :meth:`seal` made for the same purpose and record.

        Raises:
            SealError: tampered with, cut short, moved from another record, or sealed by a key not here.
        """
        text_at = _ID_ENDS + _NONCE_BYTES
        key = self._keys.get(bytes(sealed[len(_FORMAT) : _ID_ENDS]))
        if sealed[: len(_FORMAT)] != _FORMAT or key is None:
            raise SealError(purpose)
        context = _context(purpose, record_id)
        cipher = AESGCM(_derive(key, context))
        try:
            return cipher.decrypt(sealed[_ID_ENDS:text_at], sealed[text_at:], context)
        except (InvalidTag, ValueError) as error:
            raise SealError(purpose) from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the current key sealed this, so that it need not be sealed anew."""
        return sealed[:_ID_ENDS] == _FORMAT + self._current

    def signing_keys(self, purpose: str) -> list[bytes]:
        """Derive one signing key per key for a purpose, oldest first and current last.

        The order is the one that itsdangerous expects of a key list.
        """
        context = _context("sign", purpose)
        return [_derive(key, context) for key in reversed(self._keys.values())]


def parse_keys(text: str) -> list[bytes]:
    """Read 32-byte base64url keys, with commas between or a line each, current first.

    Raises:
        ValueError: says which key (by position, never by value) is not one, and why.
    """
    parts = _BETWEEN.split(text.strip())
    return [_parse_key(part, position) for position, part in enumerate(parts, start=1)]


def generate_key() -> str:
    """Return a new key in the form that :func:`parse_keys` reads."""
    return encode_base64url(os.urandom(KEY_BYTES))


def _parse_key(text: str, position: int) -> bytes:
    try:
        key = decode_base64url(text)
    except ValueError as error:
        raise ValueError(f"key {position} is not base64url") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"key {position} is {len(key)} bytes long, {KEY_BYTES} are needed")
    if len(set(key)) < KEY_BYTES // 4:
        raise ValueError(f"key {position} is not random")
    return key


def _context(purpose: str, record_id: str) -> bytes:
    head = purpose.encode()
    return len(head).to_bytes(2, "big") + head + record_id.encode()


def _derive(key: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=b"netscript-keyring-v1", info=info).derive(key)
