"""The cookie that binds a sign-in to the browser that began it: signed, timed, with a secret of its own."""

import hashlib
from datetime import timedelta
from typing import Final, NamedTuple

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from pydantic import TypeAdapter

from netscript_auth_core.ports import FlowCookie
from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.keys import SealingKeys

_SALT: Final = b"netscript.auth.flow"
_MOST_CHARACTERS: Final = 4096
_FIELDS: Final = TypeAdapter(tuple[str, str, str, str])


class FlowTicket(NamedTuple):
    """What the cookie says.

    Attributes:
        flow_id: Which flow it is for.
        binding: The browser's secret; the flow's record holds its digest.
        provider_id: With whom this flow is.
        issuer: The issuer of that provider.
        age: Since it was signed; negative where our machines' clocks differ.
    """

    flow_id: str
    binding: str
    provider_id: str
    issuer: str
    age: timedelta

    def __repr__(self) -> str:
        """Leave out the secret."""
        return f"FlowTicket(provider_id={self.provider_id!r}, issuer={self.issuer!r}, age={self.age!r})"


class FlowCookies:
    """Signs and reads flow cookies.

    Args:
        keys: Every key of the ring reads, the current one signs.
        clock: Tells when a cookie was signed.
        lifetime: How long the browser keeps one.
    """

    def __init__(self, keys: SealingKeys, clock: Clock, lifetime: timedelta) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._serializer = URLSafeTimedSerializer(
            keys.signing_keys("flow-cookie"),
            salt=_SALT,
            signer=_signer(clock),
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def issue(self, flow_id: str, binding: str, provider_id: str, issuer: str) -> FlowCookie:
        """Return the cookie of one flow."""
        value = self._serializer.dumps([flow_id, binding, provider_id, issuer])
        return FlowCookie(flow_id, str(value), self._lifetime)

    def read(self, value: str) -> FlowTicket | None:
        """Return what a cookie says, or ``None`` if it is not one of ours."""
        if len(value) > _MOST_CHARACTERS or not value.isascii():
            return None
        try:
            # The library reads base64 leniently; a signature has one spelling.
            signature = value.rpartition(".")[2]
            if encode_base64url(decode_base64url(signature)) != signature:
                return None
            payload, signed_at = self._serializer.loads(value, return_timestamp=True)
            fields = _FIELDS.validate_python(payload)
        except (BadData, ValueError):
            return None
        return FlowTicket(*fields, age=self._clock.now() - signed_at)


def _signer(clock: Clock) -> type[TimestampSigner]:
    class ClockedSigner(TimestampSigner):
        """Takes the time from our clock instead of the machine's."""

        def get_timestamp(self) -> int:
            """Return the time in seconds."""
            return int(clock.unix())

    return ClockedSigner
