"""Lists in pages, in the two shapes that are used everywhere: by offset, and by cursor.

::

    class ListUsers(OffsetQuery):
        email: str | None = None


    class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users"):
        list = get("").input(ListUsers).output(OffsetPage[User])


    @users.handles(UsersV1.list)
    async def list_users(query: ListUsers, request: Request) -> OffsetPage[User]:
        rows, total = await find(query.email, query.limit, query.offset)
        return OffsetPage[User].of(rows, query, total=total)
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Final, Generic, Self, TypeAlias, TypeVar

from pydantic import Field

from netscript_kernel.contracts import InputModel, WireModel

__all__ = ["CursorPage", "CursorPosition", "CursorQuery", "OffsetPage", "OffsetPosition", "OffsetQuery"]

T = TypeVar("T")

DEFAULT_LIMIT: Final = 10
MOST_PER_PAGE: Final = 1000
_LONGEST_CURSOR: Final = 1024

Limit: TypeAlias = Annotated[int, Field(ge=1, le=MOST_PER_PAGE, description="How many items at most.")]


class OffsetQuery(InputModel):
    """Asks for a page by its place; derive from it to add filters.

    Attributes:
        limit: How many items at most.
        offset: How many to pass over.
    """

    limit: Limit = DEFAULT_LIMIT
    offset: int = Field(default=0, ge=0, description="How many items to pass over.")


class OffsetPosition(WireModel):
    """Which page this is.

    Attributes:
        total: How many items there are in all pages.
        limit: As asked.
        offset: As asked.
        has_more: Whether there is a page after this one.
    """

    total: int
    limit: int
    offset: int
    has_more: bool


class OffsetPage(WireModel, Generic[T]):
    """A page by its place. The contract says ``OffsetPage[User]``; :meth:`of` makes one."""

    items: tuple[T, ...]
    pagination: OffsetPosition

    @classmethod
    def of(cls, items: Iterable[T], query: OffsetQuery, *, total: int) -> Self:
        """Make the page that was asked for.

        Args:
            items: Of this page alone.
            query: What was asked.
            total: How many there are in all pages.

        Raises:
            ValueError: more items than were asked for, or a negative total.
        """
        found = tuple(items)
        if len(found) > query.limit:
            raise ValueError(f"a page of at most {query.limit} items cannot hold {len(found)}")
        if total < 0:
            raise ValueError("a total is not negative")
        # An empty page is the last one, whatever the total says: nobody would get on by asking again.
        has_more = bool(found) and query.offset + len(found) < total
        position = OffsetPosition(total=total, limit=query.limit, offset=query.offset, has_more=has_more)
        return cls(items=found, pagination=position)


class CursorQuery(InputModel):
    """Asks for the page after a cursor; derive from it to add filters.

    Attributes:
        limit: How many items at most.
        cursor: ``nextCursor`` of the page before; ``None`` for the first.
    """

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = Field(
        default=None,
        min_length=1,
        max_length=_LONGEST_CURSOR,
        description="nextCursor of the page before; none for the first.",
    )


class CursorPosition(WireModel):
    """Which page this is.

    Attributes:
        limit: As asked.
        next_cursor: Asks for the page after this one; not there on the last page.
        has_more: Whether there is a page after this one.
    """

    limit: int
    next_cursor: str | None = None
    has_more: bool


class CursorPage(WireModel, Generic[T]):
    """A page after a cursor. The contract says ``CursorPage[User]``; :meth:`of` makes one."""

    items: tuple[T, ...]
    pagination: CursorPosition

    @classmethod
    def of(cls, items: Iterable[T], query: CursorQuery, *, cursor: Callable[[T], str]) -> Self:
        """Make the page that was asked for.

        Args:
            items: Those of this page and one beyond it, if there is one: look for ``query.limit + 1``.
            query: What was asked.
            cursor: Returns the cursor that stands behind an item. It has to tell any two items apart.
        """
        found = tuple(items)
        kept = found[: query.limit]
        has_more = len(found) > len(kept)
        position = CursorPosition(
            limit=query.limit, next_cursor=cursor(kept[-1]) if has_more else None, has_more=has_more
        )
        return cls(items=kept, pagination=position)
