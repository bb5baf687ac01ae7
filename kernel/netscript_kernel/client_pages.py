"""Walks all pages of a list, item by item: never without end, whatever the service answers.

::

    async for user in items_by_offset(lambda offset: users.list(limit=100, offset=offset)):
        ...
    async for order in items_by_cursor(lambda cursor: orders.list(limit=100, cursor=cursor)):
        ...
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, TypeVar

from netscript_kernel.client_errors import EndlessPagesError
from netscript_kernel.pagination import CursorPage, OffsetPage

T = TypeVar("T")

MOST_PAGES: Final = 10_000


async def items_by_offset(
    ask: Callable[[int], Awaitable[OffsetPage[T]]], *, first: int = 0, most_pages: int = MOST_PAGES
) -> AsyncGenerator[T]:
    """Yield the items of all pages, by offset.

    What is added or removed meanwhile can be missed or come twice: walk a list that changes by cursor.

    Args:
        ask: Asks for the page at an offset.
        first: Offset of the first page.
        most_pages: After so many there is an end.

    Raises:
        EndlessPagesError: there are more pages, or the service does not get on.
        CallError: what comes of a call.
    """
    offset = first
    for _ in range(most_pages):
        page = await ask(offset)
        if page.pagination.offset != offset:
            raise EndlessPagesError("the service answers another page than the one that was asked for")
        for item in page.items:
            yield item
        if not page.pagination.has_more:
            return
        if not page.items:
            raise EndlessPagesError("the service says that there is more, and gives nothing")
        offset += len(page.items)
    raise EndlessPagesError(f"there are more than {most_pages} pages; allow more by most_pages")


async def items_by_cursor(
    ask: Callable[[str | None], Awaitable[CursorPage[T]]],
    *,
    first: str | None = None,
    most_pages: int = MOST_PAGES,
) -> AsyncGenerator[T]:
    """Yield the items of all pages, by cursor. A page without items in between is none of our business.

    Args:
        ask: Asks for the page after a cursor; ``None`` is the first page.
        first: Cursor to begin after.
        most_pages: After so many there is an end.

    Raises:
        EndlessPagesError: there are more pages, or a cursor comes back.
        CallError: what comes of a call.
    """
    cursor, seen = first, {first}
    for _ in range(most_pages):
        page = await ask(cursor)
        for item in page.items:
            yield item
        if not page.pagination.has_more:
            return
        cursor = page.pagination.next_cursor
        if cursor is None:
            raise EndlessPagesError("the service says that there is more, and gives no cursor")
        if cursor in seen:
            raise EndlessPagesError("the service gives a cursor for the second time")
        seen.add(cursor)
    raise EndlessPagesError(f"there are more than {most_pages} pages; allow more by most_pages")
