"""Carries what only a posted callback has over to its re-entry by GET: Apple's ``user``, once, for a minute.

The post comes from another site, so our cookies do not come with it; re-entering by GET brings them.
Parameters of the protocol travel in the query; the rest would put a person's name into addresses and
logs, so it goes into a cookie that is signed and bound to the ``state`` of its sign-in: it is of no use
with any other.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url, digest, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.clock_signer import ClockSigner
from netscript_plugin_auth.cookie_header import RawHeaders
from netscript_plugin_auth.cookies import CookiePolicy

LIFETIME = timedelta(minutes=1)
LONGEST_VALUE = 2048

_PURPOSE = "auth-flash-cookie"
_CARRIED = frozenset({"user"})

Parameters = Sequence[tuple[str, str]]


class Flash:
    """Writes and reads the cookie.

    Args:
        policy: Name and attributes.
        keys: For the signature.
        clock: For its age.
    """

    def __init__(self, policy: CookiePolicy, keys: SealingKeys, clock: Clock) -> None:
        self._policy = policy
        self._reader = policy.flash_reader()
        self._signer = ClockSigner(keys.signing_keys(_PURPOSE), clock)
        self._clock = clock

    def leave(self, parameters: Parameters, state: str) -> str | None:
        """Return the ``Set-Cookie`` line that carries them over, or ``None`` for nothing to carry."""
        carried = [(name, value) for name, value in parameters if name in _CARRIED]
        packed = encode_base64url(json.dumps(carried).encode())
        if not carried or len(packed) > LONGEST_VALUE:
            return None
        value = self._signer.sign(packed, context=digest(state))
        return self._policy.write(self._policy.flash_name, value, LIFETIME)

    def take(self, headers: RawHeaders, state: str | None) -> Parameters:
        """Return what was left for the sign-in with this state; empty where there is nothing."""
        values = self._reader.values(headers)
        if len(values) != 1 or state is None:
            return ()
        opened = self._signer.open(values[0], context=digest(state))
        if opened is None or self._clock.now() - opened[1] > LIFETIME:
            return ()
        return [(name, value) for name, value in json.loads(decode_base64url(opened[0]))]

    def is_present(self, headers: RawHeaders) -> bool:
        """Whether there is a cookie to clear."""
        return bool(self._reader.values(headers))

    def clear(self) -> str:
        """Return the ``Set-Cookie`` line that deletes the cookie."""
        return self._policy.clear(self._policy.flash_name)
