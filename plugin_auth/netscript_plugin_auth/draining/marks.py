"""What is remembered of a session of an earlier backend that gave way to another one.

A mark outlives its session, whose cookie no browser keeps for longer. It holds no credential in clear.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import BaseModel

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import IssuedSession
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError, StoreCorruptError, StoreUnavailableError
from netscript_kernel.ids import decode_base64url, digest, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_log = logging.getLogger("netscript.auth")

_PURPOSE: Final = "auth/drained"
# No session cookie outlives this (RFC 6265bis section 5.5), however often its upstream prolongs it.
_LONGEST: Final = timedelta(days=400)


class _Record(BaseModel):
    """What is stored: the session in its place, or nothing where it just gave way."""

    handle: str | None = None
    token: str | None = None


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
    """Reads and writes them. Every method raises ``BackendUnavailableError`` when the store does not answer.

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

    async def read(self, backend: str, handle: str) -> Mark | None:
        """Return the mark of a session of an earlier backend, or ``None`` where it has none."""
        key = _key(backend, handle)
        try:
            entry = await self._store.get(key)
            return self._opened(entry) if entry is not None else None
        except (StoreUnavailableError, StoreCorruptError) as error:
            raise self._away(error) from error

    async def exchange(self, backend: str, handle: str, issued: IssuedSession) -> bool:
        """Keep which session took the place of an earlier one; says whether it was the first to."""
        key = _key(backend, handle)
        sealed = self._keys.seal(issued.token.encode(), purpose=_PURPOSE, record_id=key)
        record = _Record(handle=issued.session.handle, token=encode_base64url(sealed))
        return await self._put(key, record)

    async def supersede(self, backend: str, handle: str) -> None:
        """Let an earlier session count for nothing any more, since its browser has another one."""
        await self._put(_key(backend, handle), _Record())

    async def _put(self, key: str, record: _Record) -> bool:
        put = Put(key, encode_record(record), expires_at=self._clock.now() + _LONGEST)
        try:
            return await self._store.commit(checks=[Check(key, None)], puts=[put]) is not None
        except StoreUnavailableError as error:
            raise self._away(error) from error

    def _opened(self, entry: Entry) -> Mark:
        record = decode_record(_Record, entry.value)
        if record.token is None:
            return Mark(record.handle)
        try:
            sealed = decode_base64url(record.token)
            token = self._keys.open(sealed, purpose=_PURPOSE, record_id=entry.key).decode()
        except (SealError, ValueError):
            _log.warning("the session in the place of an earlier one cannot be handed out: its key is gone")
            return Mark(record.handle)
        return Mark(record.handle, token)

    def _away(self, error: Exception) -> BackendUnavailableError:
        return BackendUnavailableError(self._backend, str(error))


def _key(backend: str, handle: str) -> str:
    return f"auth/drained/{digest(backend, handle)}"
