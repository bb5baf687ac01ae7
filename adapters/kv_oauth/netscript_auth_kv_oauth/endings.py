"""What is still to be ended at providers: grants of sessions that have ended here, for a day."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_kv_oauth.sealed_index import SealedIndex
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.ids import decode_base64url, encode_base64url
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

LIFE: Final = timedelta(hours=24)
RETRY: Final = timedelta(minutes=5)
_OWNER: Final = "auth/endings"
_PLACE: Final = "auth/ending/"


class EndingScope(StrEnum):
    """What ended: the session of one device, or all of a person's."""

    SESSION = "session"
    PERSON = "person"


class EndingRecord(BaseModel):
    """The stored form.

    Attributes:
        provider_id: Where something is to be ended.
        scope: Of the sign-out.
        sealed: The grant as it was sealed for its session, in base64url.
        next_at: Nobody tries before; whoever tries moves it on first.
        ends_at: Nobody tries from then on.
        is_reported: Whether the operator was told that its provider does not answer.
    """

    model_config = ConfigDict(frozen=True)

    provider_id: str
    scope: EndingScope
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
class Ending:
    """One as it was read.

    Attributes:
        check: Holds while nobody else has taken it up, and the grant is the same.
    """

    handle: str
    record: EndingRecord
    check: Check


class Endings:
    """Endings by the handle of their session, and by when they are due. Store outages pass through."""

    def __init__(self, store: KvStorePort, index: SealedIndex, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._clock = clock

    def new(self, handle: str, provider_id: str, scope: EndingScope, grant: bytes) -> Put:
        """Return the write of an ending that its writer is about to try."""
        now = self._clock.now()
        record = EndingRecord(
            provider_id=provider_id,
            scope=scope,
            sealed=encode_base64url(grant),
            next_at=now + RETRY,
            ends_at=now + LIFE,
        )
        return self.put(handle, record)

    def put(self, handle: str, record: EndingRecord) -> Put:
        """Return the write of an ending."""
        due = IndexEntry(_OWNER, record.next_at.timestamp())
        places = (due, *self._index.places(record.grant))
        return Put(f"{_PLACE}{handle}", encode_record(record), record.ends_at, places)

    async def read(self, handle: str) -> Ending | None:
        """Return the ending of a session, or ``None`` where nothing is left to be ended."""
        entry = await self._store.get(f"{_PLACE}{handle}")
        return read_ending(entry) if entry is not None else None

    async def due(self, limit: int) -> Sequence[Ending]:
        """Return some that are to be tried now, the longest waiting first."""
        now, found, after = self._clock.now(), list[Ending](), None
        while page := await self._store.list_owned(_OWNER, limit=limit, after=after):
            found += filter(None, map(_read_if_possible, page))
            if found or len(page) < limit:
                break
            after = page[-1].key  # none of them can be read: what stands behind them can wait no longer
        return [ending for ending in found if ending.record.next_at <= now]

    async def take_up(self, ending: Ending) -> Ending | None:
        """Keep others from trying for a while; ``None`` where somebody was quicker."""
        return await self._change(ending, next_at=self._clock.now() + RETRY)

    async def report(self, ending: Ending) -> bool:
        """Note that the operator is being told of it; says whether it is for the caller to do that."""
        return not ending.record.is_reported and await self._change(ending, is_reported=True) is not None

    async def _change(self, ending: Ending, **changes: object) -> Ending | None:
        record = ending.record.model_copy(update=changes)
        version = await self._store.commit(checks=[ending.check], puts=[self.put(ending.handle, record)])
        return None if version is None else Ending(ending.handle, record, Check(ending.check.key, version))

    async def close(self, ending: Ending) -> None:
        """Forget it, unless it is another one meanwhile."""
        await self._store.commit(checks=[ending.check], deletes=[ending.check.key])


def _read_if_possible(entry: Entry) -> Ending | None:
    try:
        return read_ending(entry)
    except StoreCorruptError as error:
        _log.warning("a sign-out cannot be told upstream: %s", error)
        return None


def is_ending(key: str) -> bool:
    """Whether an ending is kept there."""
    return key.startswith(_PLACE)


def read_ending(entry: Entry) -> Ending:
    """Read what is kept there."""
    record = decode_record(EndingRecord, entry.value)
    return Ending(entry.key.removeprefix(_PLACE), record, Check(entry.key, entry.version))
