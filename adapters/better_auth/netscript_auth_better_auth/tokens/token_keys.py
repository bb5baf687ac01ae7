"""The keys that a better-auth server signs its tokens with, and whether one of them signed this one."""

from functools import partial
from typing import Final

from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_core.background import Background
from netscript_auth_core.key_set import KeySet
from netscript_kernel.clock import Clock
from netscript_kernel.jose.jws import Jws
from netscript_kernel.jose.keys import Keys, read_key_set

ALGORITHMS: Final = ("EdDSA", "ES256", "RS256")


class TokenKeys:
    """Verifies signatures.

    Args:
        client: Fetches the keys.
        clock: Tells their age.
        background: Holds the fetch.
    """

    def __init__(self, client: ServerClient, clock: Clock, background: Background) -> None:
        self._background = background
        self._keys: KeySet[Keys] = KeySet(partial(fetch_keys, client), clock, background)

    async def get(self) -> Keys:
        """Return the keys.

        Raises:
            BackendUnavailableError: they cannot be had.
        """
        return await self._keys.get()

    async def have_signed(self, jws: Jws) -> bool:
        """Whether exactly one of the published keys made the signature, by an algorithm that it is for.

        Raises:
            BackendUnavailableError: the keys cannot be had.
        """
        if jws.algorithm not in ALGORITHMS:
            return False
        keys = await self._keys.get()
        if _is_signed(jws, keys):
            return True
        if _has_key(jws, keys):
            return False
        newer = await self._keys.refetch_for(lambda found: _is_signed(jws, found))
        return newer is not None and _is_signed(jws, newer)

    def have_signed_now(self, jws: Jws) -> bool:
        """The same by the keys at hand, for callers that cannot wait.

        Raises:
            BackendUnavailableError: the keys at hand cannot tell; they are asked for.
        """
        if jws.algorithm not in ALGORITHMS:
            return False
        keys = self._keys.held or ()
        if _is_signed(jws, keys):
            return True
        if _has_key(jws, keys):
            return False
        # Whoever asks again in a moment finds the key, if there is one.
        self._background.offer(lambda: self.have_signed(jws))
        raise server_away("the key that signed a token is not at hand yet")


async def fetch_keys(client: ServerClient) -> Keys:
    """Return the keys that verify its tokens; at least one.

    Raises:
        BackendUnavailableError: they cannot be had, or none is of use.
    """
    keys = read_key_set(await client.get_keys(), ALGORITHMS)
    if not keys:
        raise server_away(f"it publishes no key for {', '.join(ALGORITHMS)}")
    return keys


def _is_signed(jws: Jws, keys: Keys) -> bool:
    fitting = [key for key in keys if jws.algorithm in key.algorithms and jws.key_id in {None, key.key_id}]
    return len({key.thumbprint for key in fitting if key.verifies(jws)}) == 1


def _has_key(jws: Jws, keys: Keys) -> bool:
    return jws.key_id is not None and any(key.key_id == jws.key_id for key in keys)
