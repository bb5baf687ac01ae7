"""How a backend of WorkOS starts, is well, and ends: alike for both ways to use it."""

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.key_set import KeySet
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.outages import store_outages
from netscript_kernel.jose.keys import Keys
from netscript_kernel.kv.port import KvStorePort


class Life:
    """What the port asks of every backend beside its sessions."""

    def __init__(
        self, keys: KeySet[Keys], calls: WorkOSCalls, store: KvStorePort, background: Background
    ) -> None:
        self._keys = keys
        self._calls = calls
        self._store = store
        self._background = background

    async def start(self) -> None:
        """Ask for the keys, without waiting for them."""
        self._background.start(self._fetch_keys())

    async def check_health(self) -> None:
        """Return if the store answers; without WorkOS, sessions answer for a while."""
        with store_outages():
            await self._store.check_health()

    async def aclose(self) -> None:
        """Finish what is under way and let go of the connections."""
        await self._background.drain()
        await self._calls.aclose()

    async def _fetch_keys(self) -> None:
        try:
            await self._keys.get()
        except BackendUnavailableError:
            return  # whoever needs them asks again, and is told
