"""Lets a browser come back from the provider's sign-out: once, with its state, to its destination.

What it is to find afterwards was checked when it left, and travels in a signed cookie that is bound to the
``state``. Without both of them, coming here shows a page and leads nowhere.

Source: OpenID Connect RP-Initiated Logout 1.0 section 3.
"""

from datetime import timedelta

from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url, digest, encode_base64url, new_token
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.clock_signer import ClockSigner
from netscript_plugin_auth.cookie_header import RawHeaders
from netscript_plugin_auth.cookies import CookiePolicy

SIGNED_OUT_PATH = "/signed-out"
LIFETIME = timedelta(minutes=10)
"""How long a person may take to answer a question of the provider."""

_PURPOSE = "auth-signout-cookie"


class SignoutReturn:
    """Writes and reads the cookie.

    Args:
        policy: Name and attributes.
        keys: For the signature.
        clock: For its age.
        public_url: Ours, without a trailing slash.
    """

    def __init__(self, policy: CookiePolicy, keys: SealingKeys, clock: Clock, public_url: str) -> None:
        self._policy = policy
        self._reader = policy.signout_reader()
        self._signer = ClockSigner(keys.signing_keys(_PURPOSE), clock)
        self._clock = clock
        self.url = f"{public_url}{SIGNED_OUT_PATH}"

    def new_state(self) -> str:
        """Return what a provider has to send back."""
        return new_token()

    def leave(self, state: str, destination: str | None) -> str:
        """Return the ``Set-Cookie`` line for a browser that leaves.

        Args:
            state: That it takes along.
            destination: Where it goes after it has come back, checked; ``None`` for the page alone.
        """
        value = self._signer.sign(encode_base64url((destination or "").encode()), context=digest(state))
        return self._policy.write(self._policy.signout_name, value, LIFETIME)

    def arrive(self, headers: RawHeaders, state: str | None) -> str | None:
        """Return the destination of a browser that has come back; ``""`` for the page alone.

        Returns:
            ``None`` where it does not bring the state that it left with, in time.
        """
        values = self._reader.values(headers)
        if len(values) != 1 or not state:
            return None
        opened = self._signer.open(values[0], context=digest(state))
        if opened is None or self._clock.now() - opened[1] > LIFETIME:
            return None
        return decode_base64url(opened[0]).decode()

    def clear(self) -> str:
        """Return the ``Set-Cookie`` line that deletes the cookie."""
        return self._policy.clear(self._policy.signout_name)
