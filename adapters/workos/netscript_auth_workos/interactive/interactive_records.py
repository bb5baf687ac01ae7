"""Our own sessions in the store: who, until when, and, sealed, the tokens of WorkOS."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_core.domain import AuthSession, AuthUser, SessionState
from netscript_auth_core.ports import ended_at
from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_core.revocation_log import revoked_put
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_workos.interactive.interactive_tokens import is_handle
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

_PAGE: Final = 1000
_PLACE: Final = "auth/workos-session/"
_PURPOSE: Final = "auth/workos-session"
# An ended session is known to be so for a while; an unknown one would look as if it had never been.
_REMEMBERED: Final = timedelta(days=1)


class InteractiveRecord(BaseModel):
    """What is stored of one session.

    Attributes:
        session: ``revoked`` once it ended by somebody's will.
        user: Its person.
        workos_id: Of the session at WorkOS.
        subject: Of the person there.
        due: From when its access token is over, so that it has to be renewed.
        sealed: The refresh token, base64url; ``None`` once it ended.
    """

    model_config = ConfigDict(frozen=True)

    session: AuthSession
    user: AuthUser
    workos_id: str
    subject: str
    due: datetime
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class InteractiveStored:
    """A record as it was read."""

    entry: Entry = field(repr=False)
    record: InteractiveRecord


class InteractiveRecords:
    """Reads and writes them, each by compare-and-set. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort, keys: SealingKeys, index: SealedIndex, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._index = index
        self._clock = clock

    async def read(self, handle: str) -> InteractiveStored | None:
        """Return what is stored under a handle."""
        if not is_handle(handle):
            return None
        entry = await self._store.get(f"{_PLACE}{handle}")
        return stored(entry) if entry is not None else None

    async def write(self, record: InteractiveRecord, before: InteractiveStored | None) -> bool:
        """Store a record in the place of what was read there, and say whether that was still so.

        One that has ended is logged with it, for whoever believes its tokens.
        """
        if record.sealed is not None:
            await self._index.note_current_key()
        key = f"{_PLACE}{record.session.handle}"
        check = Check(key, before.entry.version if before is not None else None)
        now = self._clock.now()
        keep_until = max(record.session.expires_at, now) + _REMEMBERED
        puts = [Put(key, encode_record(record), keep_until, self._places(record))]
        if record.session.state is SessionState.REVOKED:
            puts.append(revoked_put(record.session.handle, now))
        return await self._store.commit(checks=[check], puts=puts) is not None

    async def of_user(self, user_id: str) -> AsyncIterator[InteractiveStored]:
        """Yield a person's sessions that nobody ended, oldest first."""
        after: str | None = None
        while True:
            page = await self._store.list_owned(_owner(user_id), limit=_PAGE, after=after)
            for entry in page:
                yield stored(entry)
            if len(page) < _PAGE:
                return
            after = page[-1].key

    def seal(self, handle: str, refresh_token: str) -> str:
        """Return a refresh token as it is stored with the session of this handle."""
        return encode_base64url(
            self._keys.seal(refresh_token.encode(), purpose=_PURPOSE, record_id=f"{_PLACE}{handle}")
        )

    def open(self, record: InteractiveRecord) -> str | None:
        """Return the refresh token; ``None`` where there is none, or its key is gone."""
        if record.sealed is None:
            return None
        try:
            sealed = decode_base64url(record.sealed)
            key = f"{_PLACE}{record.session.handle}"
            return self._keys.open(sealed, purpose=_PURPOSE, record_id=key).decode()
        except SealError:
            return None

    def at_present(self, session: AuthSession) -> AuthSession:
        """Return a session in its state of now."""
        if session.state is SessionState.ACTIVE and self._clock.now() >= ended_at(session):
            return session.model_copy(update={"state": SessionState.EXPIRED})
        return session

    def is_active(self, record: InteractiveRecord) -> bool:
        """Whether a session has not ended."""
        return self.at_present(record.session).state is SessionState.ACTIVE

    def _places(self, record: InteractiveRecord) -> tuple[IndexEntry, ...]:
        if record.sealed is None:
            return ()
        person = IndexEntry(_owner(record.session.user_id), record.session.created_at.timestamp())
        return (person, *self._index.places(decode_base64url(record.sealed)))


def stored(entry: Entry) -> InteractiveStored:
    """Read a record.

    Raises:
        StoreCorruptError: it is none.
    """
    return InteractiveStored(entry, decode_record(InteractiveRecord, entry.value))


def _owner(user_id: str) -> str:
    return f"auth/workos-sessions/{user_id}"
