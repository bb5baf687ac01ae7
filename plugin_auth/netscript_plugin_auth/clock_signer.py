"""Signed, timed text by our own clock, with key rotation."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from itsdangerous import BadSignature, TimestampSigner

from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url, encode_base64url


class ClockSigner:
    """Signs text for one purpose and tells when it was signed.

    Args:
        keys: Oldest first, current last; all of them are believed, the last one signs.
        clock: Says when.
    """

    def __init__(self, keys: Sequence[bytes], clock: Clock) -> None:
        self._keys = list(keys)
        self._clock = clock

    def sign(self, text: str, *, context: str) -> str:
        """Return the text with time and signature; it is believed with the same context only."""
        return self._signer(context).sign(text).decode()

    def open(self, signed: str, *, context: str) -> tuple[str, datetime] | None:
        """Return the text and when it was signed, or ``None`` where it is not ours."""
        try:
            # The library reads base64 leniently: another last character or padding would pass.
            signature = signed.rpartition(".")[2]
            if encode_base64url(decode_base64url(signature)) != signature:
                return None
            text, at = self._signer(context).unsign(signed, return_timestamp=True)
            return text.decode(), at.astimezone(UTC)
        except (BadSignature, ValueError, OverflowError):
            return None

    def _signer(self, context: str) -> TimestampSigner:
        return _Signer(self._keys, context, self._clock)


class _Signer(TimestampSigner):
    def __init__(self, keys: list[bytes], context: str, clock: Clock) -> None:
        super().__init__(keys, salt=context, key_derivation="hmac", digest_method=sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Return our time in place of the machine's."""
        return int(self._clock.unix())
