"""How sessions of an upstream are stored: under their handle, and in the index of their person."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from netscript_auth_core.domain import AuthSession, AuthUser, ExternalIdentity, SessionState
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

_PAGE: Final = 1000
_PURPOSE: Final = "upstream session"
_HANDLE: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")


class Record(BaseModel):
    """What is stored of one session.

    Attributes:
        session: As it was last met; ``revoked`` once it ended by our will.
        user: Its person, at that time.
        identity: As the upstream told it then.
        credential: Sealed, base64url.
    """

    session: AuthSession
    user: AuthUser
    identity: ExternalIdentity
    credential: str | None = None

    @property
    def is_ended(self) -> bool:
        """Whether it ended by our will."""
        return self.session.state is SessionState.REVOKED


@dataclass(frozen=True, slots=True)
class Stored:
    """A record with the entry that it was read from."""

    entry: Entry
    record: Record


class UpstreamRecords:
    """Reads and writes them, each by compare-and-set. What the store says passes through as it is.

    Args:
        backend: Backends on one store do not meet each other's sessions.
        keys: Seal credentials.
    """

    def __init__(self, backend: str, store: KvStorePort, keys: SealingKeys) -> None:
        self._backend = backend
        self._store = store
        self._keys = keys

    async def read(self, handle: str) -> Stored | None:
        """Return what is stored under a handle; nothing is under what cannot be one."""
        if not _HANDLE.fullmatch(handle):
            return None
        entry = await self._store.get(self._key(handle))
        return Stored(entry, decode_record(Record, entry.value)) if entry else None

    async def write(
        self, record: Record, before: Stored | None, *, keep_until: datetime, logs: Sequence[Put] = ()
    ) -> bool:
        """Store a record, with logs of it, in the place of what was read there; says whether it was so."""
        session = record.session
        if not _HANDLE.fullmatch(session.handle):
            raise ValueError("an upstream's session has a handle that can be none")
        place = IndexEntry(self._owner(session.user_id), session.created_at.timestamp())
        put = Put(
            self._key(session.handle),
            encode_record(record),
            expires_at=keep_until,
            index=() if record.is_ended else (place,),
        )
        is_as_read = Check(put.key, before.entry.version if before else None)
        return await self._store.commit(checks=[is_as_read], puts=[put, *logs]) is not None

    async def drop(self, stored: Stored, logged: Put) -> bool:
        """Forget a record as it was read, but for its log; says whether it was still so."""
        is_as_read = Check(stored.entry.key, stored.entry.version)
        return (
            await self._store.commit(checks=[is_as_read], puts=[logged], deletes=[stored.entry.key])
            is not None
        )

    async def owned(self, user_id: str) -> AsyncIterator[Record]:
        """Yield the records of a person's sessions that did not end by our will, oldest first."""
        after: str | None = None
        while True:
            page = await self._store.list_owned(self._owner(user_id), limit=_PAGE, after=after)
            for entry in page:
                yield decode_record(Record, entry.value)
            if len(page) < _PAGE:
                return
            after = page[-1].key

    def seal(self, handle: str, credential: bytes) -> str:
        """Return a credential as it is stored with the session of this handle."""
        sealed = self._keys.seal(credential, purpose=_PURPOSE, record_id=self._key(handle))
        return encode_base64url(sealed)

    def open(self, record: Record) -> bytes | None:
        """Return the credential; ``None`` where there is none, or its key is gone."""
        if record.credential is None:
            return None
        try:
            sealed = decode_base64url(record.credential)
            return self._keys.open(sealed, purpose=_PURPOSE, record_id=self._key(record.session.handle))
        except (SealError, ValueError):
            return None

    def is_kept(self, record: Record, credential: bytes) -> bool:
        """Whether this credential is stored, under the current key."""
        if record.credential is None or self.open(record) != credential:
            return False
        return self._keys.is_current(decode_base64url(record.credential))

    def _key(self, handle: str) -> str:
        return f"auth/upstream-session/{self._backend}/{handle}"

    def _owner(self, user_id: str) -> str:
        return f"auth/upstream-sessions/{self._backend}/{user_id}"
