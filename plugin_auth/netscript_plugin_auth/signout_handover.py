"""Leads a browser to the provider's sign-out without showing the address, which may hold an id token.

Pages, the application's and ours, get an address of ours instead. It is good once, for ten minutes, and only
for the browser that has just signed out, which :class:`SignoutReturn` tells by its cookie.
"""

import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError, StoreUnavailableError
from netscript_kernel.ids import digest
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort, Put
from netscript_plugin_auth.signout_return import LIFETIME, SIGNED_OUT_PATH

HANDOVER_PATH: Final = f"{SIGNED_OUT_PATH}/provider"

_PURPOSE: Final = "auth/signout-handover"
_log = logging.getLogger("netscript.auth")


class SignoutHandover:
    """Keeps addresses of providers, sealed, until the browser comes for them.

    Args:
        store: Where.
        keys: Seal them.
        clock: For how long.
        public_url: Ours, without a trailing slash.
    """

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock, public_url: str) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._url = f"{public_url}{HANDOVER_PATH}"

    async def keep(self, state: str, address: str) -> str | None:
        """Keep where a browser has to go, and return what to tell it instead.

        Args:
            state: That it takes along.
            address: At the provider.

        Returns:
            ``None`` where the store did not answer: the sessions have ended, and that has to be told.
        """
        record_id = digest(_PURPOSE, state)
        sealed = self._keys.seal(address.encode(), purpose=_PURPOSE, record_id=record_id)
        try:
            await self._store.commit(puts=[Put(_key(record_id), sealed, self._clock.now() + LIFETIME)])
        except StoreUnavailableError as error:
            _log.warning("a browser is not signed out at its provider: %s", error)
            return None
        return f"{self._url}?{urlencode({'state': state})}"

    async def take(self, state: str) -> str | None:
        """Return where the browser with this state has to go; ``None`` where that is nowhere, or no more.

        Raises:
            StoreUnavailableError: could not find out.
        """
        record_id = digest(_PURPOSE, state)
        entry = await self._store.take(_key(record_id))
        if entry is None:
            return None
        try:
            return self._keys.open(entry.value, purpose=_PURPOSE, record_id=record_id).decode()
        except SealError:
            return None  # the operator took the key away meanwhile


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Whether the browser itself goes there, and no script that could look where it ends (Fetch Metadata)."""
    return headers.get("sec-fetch-mode", "navigate") == "navigate"


def _key(record_id: str) -> str:
    return f"auth/signout-handover/{record_id}"
