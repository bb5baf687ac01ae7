"""Where signing keys are kept: each a record of its own, sealed under the service's keys.

A record beside them changes with every one of them: by it each worker notices what another one did, and of
two that change something at once one does.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from netscript_auth_core.outages import store_outages
from netscript_auth_core.ports import SealedSecrets, SealingRound
from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_core.sealed_index import SealedIndex
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put
from netscript_plugin_auth.tokens.key_records import KeyRecord, SigningKey, new_key_pair
from netscript_plugin_auth.tokens.key_schedule import Period

_PURPOSE: Final = "auth/token-key"
_OWNER: Final = "auth/token-keys"
_CHANGES: Final = "auth/token-keys/changes"
_MOST: Final = 1000

_log = logging.getLogger("netscript.auth.tokens")


@dataclass(frozen=True, slots=True)
class Shelf:
    """All keys, as they were after one change.

    Attributes:
        version: Of the record that changes with them; ``None`` before there is any.
    """

    version: int | None
    keys: tuple[SigningKey, ...]


class KeyShelf:
    """Reads and writes them, and counts by key what is sealed of them (``SealedSecretsPort``).

    Every method that asks the store raises ``BackendUnavailableError`` when it does not answer.

    Args:
        store: Where.
        keys: Seal them.
        clock: For the index of what is sealed.
        backend: The active one, for messages.
    """

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock, backend: str) -> None:
        self._store = store
        self._keys = keys
        self._backend = backend
        self._index = SealedIndex(store, keys, clock, space="token-keys/")
        self._last: Shelf | None = None
        self._told: set[str] = set()

    async def read(self) -> Shelf:
        """Return all keys: one read of the store, unless some have changed."""
        with store_outages(self._backend):
            changes = await self._store.get(_CHANGES)
            version = changes.version if changes is not None else None
            if self._last is None or self._last.version != version:
                entries = await self._store.list_owned(_OWNER, limit=_MOST)
                self._last = Shelf(version, tuple(map(self._opened, entries)))
        return self._last

    async def write(self, seen: Shelf, puts: Sequence[Put], deletes: Sequence[str] = ()) -> bool:
        """Write records, unless another process has changed any since they were seen; says whether."""
        with store_outages(self._backend):
            await self._index.note_current_key()
            checks = [Check(_CHANGES, seen.version)]
            all_puts = [*puts, Put(_CHANGES, b"")]
            return await self._store.commit(checks=checks, puts=all_puts, deletes=deletes) is not None

    def new(self, period: Period) -> Put:
        """Return the record of a new key pair."""
        pair = new_key_pair()
        sealed = self._keys.seal(pair.private, purpose=_PURPOSE, record_id=pair.key_id)
        record = KeyRecord(
            key_id=pair.key_id,
            x=pair.x,
            y=pair.y,
            private=encode_base64url(sealed),
            signs_from=period.begin,
            signs_until=period.end,
        )
        return self.put(record)

    def put(self, record: KeyRecord) -> Put:
        """Return a record with its places: among all keys, and by the key that seals it."""
        places = self._index.places(decode_base64url(record.private))
        listed = IndexEntry(_OWNER, record.signs_from.timestamp())
        return Put(name_of(record.key_id), encode_record(record), record.published_until, (listed, *places))

    async def count(self) -> Sequence[SealedSecrets]:
        """Return how many signing keys each key seals; see :meth:`SealedSecretsPort.count`."""
        with store_outages(self._backend):
            return await self._index.secrets()

    async def seal_anew(self) -> SealingRound:
        """Seal a few signing keys anew; see :meth:`SealedSecretsPort.seal_anew`."""
        with store_outages(self._backend):
            return await self._index.seal_anew(self._seal_anew)

    async def _seal_anew(self, entry: Entry) -> bool | None:
        key = self._opened(entry)
        if key.private is None:
            return None
        sealed = self._keys.seal(key.private, purpose=_PURPOSE, record_id=key.key_id)
        put = self.put(key.record.model_copy(update={"private": encode_base64url(sealed)}))
        checks = [Check(entry.key, entry.version)]
        return await self._store.commit(checks=checks, puts=[put, Put(_CHANGES, b"")]) is not None

    def _opened(self, entry: Entry) -> SigningKey:
        record = decode_record(KeyRecord, entry.value)
        try:
            sealed = decode_base64url(record.private)
            private = self._keys.open(sealed, purpose=_PURPOSE, record_id=record.key_id)
        except (SealError, ValueError):
            self._tell(record.key_id)
            return SigningKey(record, None)
        return SigningKey(record, private)

    def _tell(self, key_id: str) -> None:
        if key_id in self._told:
            return
        self._told.add(key_id)
        _log.warning(
            "the signing key %s signs no more: the key of NETSCRIPT_AUTH_KEYS that seals it is gone; it is "
            "published until what it signed has ended",
            key_id,
        )


def name_of(key_id: str) -> str:
    """Return where a key is kept."""
    return f"auth/token-key/{key_id}"
