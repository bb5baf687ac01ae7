"""Logout tokens that were used, so that nobody uses one again (Back-Channel Logout 1.0 section 2.6)."""

from typing import TYPE_CHECKING, Final

from netscript_kernel.ids import digest
from netscript_kernel.kv.port import Check, KvStorePort, Put

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.logout_tokens import Logout

_PLACE: Final = "auth/logout-token/"
_USED: Final = b"used"


class UsedLogouts:
    """Remembers each until it would be refused for its age. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort) -> None:
        self._store = store

    async def has(self, logout: "Logout") -> bool:
        """Whether it was used."""
        return await self._store.get(_key(logout)) is not None

    async def add(self, logout: "Logout") -> bool:
        """Remember it; of any number of callers at once exactly one is told ``True``."""
        key = _key(logout)
        put = Put(key, _USED, logout.refused_from)
        return await self._store.commit(checks=[Check(key, None)], puts=[put]) is not None


def _key(logout: "Logout") -> str:
    return f"{_PLACE}{digest('logout-token', logout.issuer, logout.token_id)}"
