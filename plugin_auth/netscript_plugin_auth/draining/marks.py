"""What is remembered of a session of an earlier backend that gave way to another one.

A mark outlives its session, whose cookie no browser keeps for longer. It holds no credential in clear.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.outages import store_outages
from netscript_auth_core.ports import IssuedSession, SealedSecrets, SealingRound
from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_core.revocation_log import revoked_put
from netscript_auth_core.sealed_index import SealedIndex
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, digest, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_log = logging.getLogger("netscript.auth")

_PURPOSE: Final = "auth/drained"
# No session cookie outlives this (RFC 6265bis section 5.5), however often its upstream prolongs it.
_LONGEST: Final = timedelta(days=400)


class _Record(BaseModel):
    """What is stored: until when, and the session in its place, or nothing where it just gave way."""

    until: AwareDatetime
    handle: str | None = None
    token: str | None = None


class _Origin(BaseModel):
    """What is stored of a session that took the place of an earlier one."""

    backend: str
    handle: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A session of an earlier backend that is over.

    Attributes:
        handle: Of the session that took its place, if one was given for it.
        token: Of that session; ``None`` where there is none, or the key that sealed it is gone.
    """

    handle: str | None = None
    token: str | None = field(default=None, repr=False)


class Marks:
    """Reads and writes them, and counts by key what is sealed in them (``SealedSecretsPort``).

    Every method raises ``BackendUnavailableError`` when the store does not answer.

    Args:
        store: Where.
        keys: Seal tokens.
        backend: The active one, for messages.
    """

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock, backend: str) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._backend = backend
        self._index = SealedIndex(store, keys, clock, space="drained/")

    async def read(self, backend: str, handle: str) -> Mark | None:
        """Return the mark of a session of an earlier backend, or ``None`` where it has none."""
        key = _key(backend, handle)
        with store_outages(self._backend):
            entry = await self._store.get(key)
            if entry is None:
                return None
            record = decode_record(_Record, entry.value)
        return Mark(record.handle, self._token(key, record))

    async def exchange(
        self, backend: str, earlier: AuthSession, issued: IssuedSession, *, is_final: bool
    ) -> bool:
        """Keep which session took the place of an earlier one; says whether it was the first to.

        Args:
            backend: Whose the earlier one is.
            earlier: The earlier one.
            issued: What took its place.
            is_final: Whether no upstream prolongs the earlier one: it ends at its ``expires_at``.
        """
        key, handle, now = _key(backend, earlier.handle), issued.session.handle, self._clock.now()
        until = min(earlier.expires_at, now + _LONGEST) if is_final else now + _LONGEST
        back = _Origin(backend=backend, handle=earlier.handle)
        with store_outages(self._backend):
            await self._index.note_current_key()
            put = self._put(key, _Record(until=until, handle=handle), issued.token)
            way_back = Put(_origin_key(handle), encode_record(back), issued.session.expires_at)
            puts = [put, way_back, revoked_put(earlier.handle, now)]
            return await self._store.commit(checks=[Check(key, None)], puts=puts) is not None

    async def origin(self, handle: str) -> tuple[str, str] | None:
        """Return backend and handle of the earlier session in whose place this one is, if it is in one's."""
        with store_outages(self._backend):
            entry = await self._store.get(_origin_key(handle))
            if entry is None:
                return None
            origin = decode_record(_Origin, entry.value)
        return origin.backend, origin.handle

    async def supersede(self, backend: str, handle: str) -> None:
        """Let an earlier session count for nothing any more, since its browser has another one."""
        key, now = _key(backend, handle), self._clock.now()
        puts = [self._put(key, _Record(until=now + _LONGEST)), revoked_put(handle, now)]
        with store_outages(self._backend):
            await self._store.commit(checks=[Check(key, None)], puts=puts)

    async def forget(self, backend: str, handle: str) -> None:
        """Let a session count as any other again: its backend is the active one once more."""
        with store_outages(self._backend):
            await self._store.commit(deletes=[_key(backend, handle)])

    async def count(self) -> Sequence[SealedSecrets]:
        """Return how many tokens each key seals; see :meth:`SealedSecretsPort.count`."""
        with store_outages(self._backend):
            return await self._index.secrets()

    async def seal_anew(self) -> SealingRound:
        """Seal a few tokens anew; see :meth:`SealedSecretsPort.seal_anew`."""
        with store_outages(self._backend):
            return await self._index.seal_anew(self._seal_anew)

    async def _seal_anew(self, entry: Entry) -> bool | None:
        record = decode_record(_Record, entry.value)
        token = self._token(entry.key, record)
        if token is None:
            return None
        put = self._put(entry.key, record, token)
        return await self._store.commit(checks=[Check(entry.key, entry.version)], puts=[put]) is not None

    def _put(self, key: str, record: _Record, token: str | None = None) -> Put:
        if token is None:
            return Put(key, encode_record(record), record.until)
        sealed = self._keys.seal(token.encode(), purpose=_PURPOSE, record_id=key)
        whole = record.model_copy(update={"token": encode_base64url(sealed)})
        return Put(key, encode_record(whole), record.until, self._index.places(sealed))

    def _token(self, key: str, record: _Record) -> str | None:
        if record.token is None:
            return None
        try:
            sealed = decode_base64url(record.token)
            return self._keys.open(sealed, purpose=_PURPOSE, record_id=key).decode()
        except (SealError, ValueError):
            _log.warning("the session in the place of an earlier one cannot be handed out: its key is gone")
            return None


def _key(backend: str, handle: str) -> str:
    return f"auth/drained/{digest(backend, handle)}"


def _origin_key(handle: str) -> str:
    return f"auth/drained-origin/{digest('active', handle)}"
