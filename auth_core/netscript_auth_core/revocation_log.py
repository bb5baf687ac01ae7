"""The log of sessions that ended: what tokens of theirs that are still under way must be refused by.

Whoever ends a session puts it into the log in the same commit, so that none is missing there. Entries stand
in the index of the few seconds in which they were made: whoever follows the log reads those of now again and
again, and those around them by turns, so that no clock has to be quite right and few entries are read twice.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from netscript_kernel.kv.port import IndexEntry, KvStorePort, Put

KEPT_FOR: Final = timedelta(minutes=20)
"""An entry is there for so long: longer than any token lives, by more than clocks may differ."""

SPAN: Final = timedelta(seconds=5)
"""Entries of so long a time stand together."""

_PLACE: Final = "auth/revoked/"
_PAGE: Final = 1000


def revoked_put(handle: str, now: datetime) -> Put:
    """Return the write that logs the end of a session; it belongs into the commit that ends the session.

    Args:
        handle: Of the session, as its tokens name it in ``sid``.
        now: The time; its span is where the entry stands.
    """
    place = IndexEntry(_owner(span_of(now)), now.timestamp())
    return Put(revoked_key(handle), b"1", now + KEPT_FOR, (place,))


def revoked_key(handle: str) -> str:
    """Return where the end of a session is logged."""
    return f"{_PLACE}{handle}"


def span_of(time: datetime) -> int:
    """Return the number of a span since 1970, under which the log is read."""
    return int(time.timestamp() // SPAN.total_seconds())


async def revoked_in(store: KvStorePort, span: int) -> AsyncIterator[str]:
    """Yield the handles that were logged in a span, earliest first."""
    after: str | None = None
    while True:
        page = await store.list_owned(_owner(span), limit=_PAGE, after=after)
        for entry in page:
            yield entry.key.removeprefix(_PLACE)
        if len(page) < _PAGE:
            return
        after = page[-1].key


async def is_logged(store: KvStorePort, handle: str) -> bool:
    """Whether the log still knows that a session ended."""
    return await store.get(revoked_key(handle)) is not None


def _owner(span: int) -> str:
    return f"auth/revocations/{span}"
