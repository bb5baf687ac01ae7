"""Events in the store: written with an end; found by the id of their request, or the newest first."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Final

from pydantic import ConfigDict

from netscript_auth_core.events import AuthEvent
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.contracts import WireModel
from netscript_kernel.ids import new_id
from netscript_kernel.kv.port import IndexEntry, KvStorePort, Put

_PREFIX: Final = "auth/audit/"
_EVERY: Final = f"{_PREFIX}every"
_MOST_SHOWN: Final = 100
_PAGE: Final = 500


class KeptEvent(WireModel):
    """An event as it is kept, without whatever names somebody; see :class:`AuthEvent`."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    name: str
    backend: str
    provider_id: str | None = None
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    detail: str | None = None
    subject: str | None = None
    session: str | None = None
    client: str | None = None
    request_id: str | None = None


def put_of(event: AuthEvent, keep: timedelta) -> Put:
    """Return the record of an event, which is there for so long."""
    value, moment = encode_record(KeptEvent.model_validate(event)), event.at.timestamp()
    about = [_about(each) for each in (event.subject, event.session) if each is not None]
    index = [IndexEntry(owner, -moment) for owner in (_EVERY, *about)]
    if event.request_id is not None:
        index.append(IndexEntry(_of_request(event.request_id), moment))
    return Put(f"{_PREFIX}event/{new_id('evt')}", value, event.at + keep, index)


async def events_of(store: KvStorePort, request_id: str) -> list[KeptEvent]:
    """Return what happened in one request, oldest first; the first hundred, since a client may repeat its id.

    Raises:
        StoreUnavailableError: could not find out.
        StoreCorruptError: a newer version wrote them.
    """
    entries = await store.list_owned(_of_request(request_id), limit=_MOST_SHOWN)
    return [decode_record(KeptEvent, entry.value) for entry in entries]


async def newest_events(store: KvStorePort, about: str | None = None) -> AsyncGenerator[KeptEvent]:
    """Yield everything that is kept, newest first, page by page. Raises as :func:`events_of` does.

    Args:
        store: Where it is kept.
        about: The pseudonym of a person or a session, where it is about one.
    """
    owner, after = _EVERY if about is None else _about(about), None
    while page := await store.list_owned(owner, limit=_PAGE, after=after):
        for entry in page:
            yield decode_record(KeptEvent, entry.value)
        after = page[-1].key


def _of_request(request_id: str) -> str:
    return f"{_PREFIX}request/{request_id}"


def _about(pseudonym: str) -> str:
    return f"{_PREFIX}about/{pseudonym}"
