"""Which key sealed what: an index by key id, so that what an old key sealed is found without a scan."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from netscript_auth_core.ports import KeyState, SealedSecrets, SealingRound
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Entry, IndexEntry, KvStorePort, Put

# Longer than anything that is sealed lives, by more than the time for which a note of a key counts as fresh.
REMEMBERED: Final = timedelta(days=402)
NOTED_AGAIN: Final = timedelta(days=1)
AT_ONCE: Final = 100
_PAGE: Final = 1000
_KEYS: Final = "auth/sealing-keys"
_KEY: Final = "auth/sealing-key/"


class SealedIndex:
    """Finds sealed records by the key that sealed them, and knows all keys that ever did.

    Args:
        store: Where they are kept.
        keys: Name the key of a record.
        clock: Tells when to note again which key is current.
        space: Of a backend that shares its store with others, so that each finds its own records alone.
    """

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock, space: str = "") -> None:
        self._space = space
        self._store = store
        self._keys = keys
        self._clock = clock
        self._note_from = 0.0

    def places(self, sealed: bytes) -> tuple[IndexEntry, ...]:
        """Return where a sealed record stands in the index."""
        key_id = self._keys.key_id(sealed)
        return () if key_id is None else (IndexEntry(self._owner(key_id), 0.0),)

    async def note_current_key(self) -> None:
        """Write down that the current key seals, before it does: later it may be gone from the configuration.

        Once a day in each process.
        """
        now = self._clock.now()
        if now.timestamp() < self._note_from:
            return
        key_id = self._keys.key_ids[0]
        put = Put(f"{_KEY}{key_id}", b"", now + REMEMBERED, (IndexEntry(_KEYS, 0.0),))
        await self._store.commit(puts=[put])
        self._note_from = (now + NOTED_AGAIN).timestamp()

    async def key_ids(self) -> tuple[str, ...]:
        """Return the ids of all configured keys, current first, then of all others that ever sealed."""
        noted = await self._store.list_owned(_KEYS, limit=_PAGE)
        return tuple(dict.fromkeys((*self._keys.key_ids, *(entry.key.removeprefix(_KEY) for entry in noted))))

    async def page(self, key_id: str, after: str | None = None, limit: int = _PAGE) -> Sequence[Entry]:
        """Return some records that a key sealed, by their keys in the store."""
        return await self._store.list_owned(self._owner(key_id), limit=limit, after=after)

    async def count(self, key_id: str) -> int:
        """Return how many records a key sealed."""
        counted, after = 0, None
        while page := await self.page(key_id, after):
            counted += len(page)
            after = page[-1].key
        return counted

    async def secrets(self) -> Sequence[SealedSecrets]:
        """Return what each key seals; see :meth:`SealedSecretsPort.count`."""
        key_ids = await self.key_ids()
        found = [SealedSecrets(each, self._state(each), await self.count(each)) for each in key_ids]
        return [each for each in found if each.count or each.state is not KeyState.MISSING]

    async def seal_anew(self, seal: Callable[[Entry], Awaitable[bool | None]]) -> SealingRound:
        """Seal a few records anew; see :meth:`SealedSecretsPort.seal_anew`.

        Args:
            seal: Does it with one, and says whether that was done; ``None`` where it cannot be read.
        """
        await self.note_current_key()
        for key_id in self._keys.key_ids[1:]:
            after: str | None = None
            while page := await self.page(key_id, after, AT_ONCE):
                outcomes = [await seal(entry) for entry in page]
                if any(outcome is not None for outcome in outcomes):
                    return SealingRound(sum(outcome is True for outcome in outcomes), is_done=False)
                after = page[-1].key
        return SealingRound(sealed=0, is_done=True)

    def _state(self, key_id: str) -> KeyState:
        if key_id == self._keys.key_ids[0]:
            return KeyState.CURRENT
        return KeyState.CONFIGURED if key_id in self._keys.key_ids else KeyState.MISSING

    def _owner(self, key_id: str) -> str:
        return f"auth/sealed/{self._space}{key_id}"
