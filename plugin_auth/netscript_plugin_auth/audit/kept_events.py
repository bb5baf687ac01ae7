"""Events in the store: written with an end, found by the id of their request."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_core.events import AuthEvent
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.ids import new_id
from netscript_kernel.kv.port import IndexEntry, KvStorePort, Put

_PREFIX: Final = "auth/audit/"
_MOST_SHOWN: Final = 100


class KeptEvent(BaseModel):
    """An event as it is kept; see :class:`AuthEvent`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    at: datetime
    backend: str
    provider_id: str | None = None
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    request_id: str | None = None
    detail: str | None = None
    subject: str | None = None
    session: str | None = None
    client: str | None = None


def put_of(event: AuthEvent, keep: timedelta) -> Put:
    """Return the record of an event, which is there for so long."""
    value = encode_record(KeptEvent.model_validate(event))
    owner = f"{_PREFIX}request/{event.request_id}"
    index = [IndexEntry(owner, event.at.timestamp())] if event.request_id is not None else []
    return Put(f"{_PREFIX}event/{new_id('evt')}", value, event.at + keep, index)


async def events_of(store: KvStorePort, request_id: str) -> list[KeptEvent]:
    """Return what happened in one request, oldest first; the first hundred, since a client may repeat its id.

    Raises:
        StoreUnavailableError: could not find out.
        StoreCorruptError: a newer version wrote them.
    """
    entries = await store.list_owned(f"{_PREFIX}request/{request_id}", limit=_MOST_SHOWN)
    return [decode_record(KeptEvent, entry.value) for entry in entries]
