"""What is still to be revoked at providers: grants of sessions that have ended here, for a day."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_core.sealed_index import SealedIndex
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

LIFE: Final = timedelta(hours=24)
RETRY: Final = timedelta(minutes=5)
_OWNER: Final = "auth/endings"
_PLACE: Final = "auth/ending/"


class SignoutScope(StrEnum):
    """What ended: the session of one device, or all of a person's; or one that its provider ended."""

    SESSION = "session"
    PERSON = "person"
    UPSTREAM = "upstream"


class PendingRevocationRecord(BaseModel):
    """The stored form.

    Attributes:
        provider_id: Where something is to be ended.
        scope: Of the sign-out.
        sealed: The grant as it was sealed for its session, in base64url.
        next_at: Nobody tries before; whoever tries moves it on first.
        ends_at: Nobody tries from then on.
        is_reported: Whether the operator was told that its provider does not answer.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    provider_id: str
    scope: SignoutScope
    sealed: str = Field(repr=False)
    next_at: datetime
    ends_at: datetime
    is_reported: bool = False

    @property
    def grant(self) -> bytes:
        """The sealed grant."""
        return decode_base64url(self.sealed)

    def with_grant(self, grant: bytes) -> Self:
        """Return the record with another sealed grant."""
        return self.model_copy(update={"sealed": encode_base64url(grant)})


@dataclass(frozen=True, slots=True)
class PendingRevocation:
    """One as it was read.

    Attributes:
        check: Holds while nobody else has taken it up, and the grant is the same.
    """

    handle: str
    record: PendingRevocationRecord
    check: Check


class PendingRevocations:
    """Them by the handle of their session, and by when they are due. Store outages pass through."""

    def __init__(self, store: KvStorePort, index: SealedIndex, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._clock = clock

    def new(self, handle: str, provider_id: str, scope: SignoutScope, grant: bytes) -> Put:
        """Return the write of one that its writer is about to try."""
        now = self._clock.now()
        record = PendingRevocationRecord(
            provider_id=provider_id,
            scope=scope,
            sealed=encode_base64url(grant),
            next_at=now + RETRY,
            ends_at=now + LIFE,
        )
        return self.put(handle, record)

    def put(self, handle: str, record: PendingRevocationRecord) -> Put:
        """Return the write of one."""
        due = IndexEntry(_OWNER, record.next_at.timestamp())
        places = (due, *self._index.places(record.grant))
        return Put(f"{_PLACE}{handle}", encode_record(record), record.ends_at, places)

    async def read(self, handle: str) -> PendingRevocation | None:
        """Return what is still to be revoked of a session, or ``None`` where that is nothing."""
        entry = await self._store.get(f"{_PLACE}{handle}")
        return read_pending_revocation(entry) if entry is not None else None

    async def due(self, limit: int) -> Sequence[PendingRevocation]:
        """Return some that are to be tried now, the longest waiting first."""
        now, found, after = self._clock.now(), list[PendingRevocation](), None
        while page := await self._store.list_owned(_OWNER, limit=limit, after=after):
            found += filter(None, map(_read_if_possible, page))
            if found or len(page) < limit:
                break
            after = page[-1].key  # none of them can be read: what stands behind them can wait no longer
        return [each for each in found if each.record.next_at <= now]

    async def take_up(self, pending: PendingRevocation) -> PendingRevocation | None:
        """Keep others from trying for a while; ``None`` where somebody was quicker."""
        return await self._change(pending, next_at=self._clock.now() + RETRY)

    async def report(self, pending: PendingRevocation) -> bool:
        """Note that the operator is being told of it; says whether it is for the caller to do that."""
        return not pending.record.is_reported and await self._change(pending, is_reported=True) is not None

    async def _change(self, pending: PendingRevocation, **changes: object) -> PendingRevocation | None:
        record = pending.record.model_copy(update=changes)
        version = await self._store.commit(checks=[pending.check], puts=[self.put(pending.handle, record)])
        if version is None:
            return None
        return PendingRevocation(pending.handle, record, Check(pending.check.key, version))

    async def close(self, pending: PendingRevocation) -> None:
        """Forget it, unless it is another one meanwhile."""
        await self._store.commit(checks=[pending.check], deletes=[pending.check.key])


def _read_if_possible(entry: Entry) -> PendingRevocation | None:
    try:
        return read_pending_revocation(entry)
    except StoreCorruptError as error:
        _log.warning("a sign-out cannot be told upstream: %s", error)
        return None


def is_pending_revocation(key: str) -> bool:
    """Whether one is kept there."""
    return key.startswith(_PLACE)


def read_pending_revocation(entry: Entry) -> PendingRevocation:
    """Read what is kept there."""
    record = decode_record(PendingRevocationRecord, entry.value)
    return PendingRevocation(entry.key.removeprefix(_PLACE), record, Check(entry.key, entry.version))
