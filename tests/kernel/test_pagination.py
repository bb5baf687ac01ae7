"""Pages: made for the author, read by the client, walked to their end and never further."""

from collections.abc import AsyncIterable, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.requests import Request

from netscript_kernel.client import connect
from netscript_kernel.client_errors import CallError, EndlessPagesError
from netscript_kernel.client_pages import items_by_cursor, items_by_offset
from netscript_kernel.contracts import Contract, WireModel, get
from netscript_kernel.pagination import CursorPage, CursorQuery, OffsetPage, OffsetQuery
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.implementation import Implementation, implement
from tests.kernel.sample_service import HOST, INFO, SETTINGS, browsing
from tests.kernel.streamed_answers import streamed


class Word(WireModel):
    text: str


class ListWords(OffsetQuery):
    begins_with: str = ""


class FollowWords(CursorQuery):
    begins_with: str = ""


class WordsV1(Contract, name="words", version="v1", prefix="/api/v1/words"):
    list = get("/").input(ListWords).output(OffsetPage[Word])
    follow = get("/follow").input(FollowWords).output(CursorPage[Word])


WORDS = tuple(Word(text=f"w{number:02}") for number in range(25))


def implementation() -> Implementation:
    words = implement(WordsV1)

    @words.handles(WordsV1.list)
    async def list_words(query: ListWords, request: Request) -> OffsetPage[Word]:
        found = [word for word in WORDS if word.text.startswith(query.begins_with)]
        return OffsetPage[Word].of(found[query.offset : query.offset + query.limit], query, total=len(found))

    @words.handles(WordsV1.follow)
    async def follow(query: FollowWords, request: Request) -> CursorPage[Word]:
        found = [word for word in WORDS if word.text > (query.cursor or "")]
        return CursorPage[Word].of(found[: query.limit + 1], query, cursor=lambda word: word.text)

    return words


def words_service() -> Any:
    return create_service(INFO, SETTINGS, implementations=[implementation()]).app


async def test_a_page_by_offset_looks_on_the_wire_as_it_does_everywhere() -> None:
    async with browsing(words_service()) as http:
        answer = await http.get("/api/v1/words/?limit=2&offset=3")

    assert answer.json() == {
        "items": [{"text": "w03"}, {"text": "w04"}],
        "pagination": {"total": 25, "limit": 2, "offset": 3, "hasMore": True},
    }


async def test_a_page_by_cursor_looks_on_the_wire_as_it_does_everywhere() -> None:
    async with browsing(words_service()) as http:
        first = (await http.get("/api/v1/words/follow?limit=2")).json()
        last = (await http.get("/api/v1/words/follow?limit=5&cursor=w20")).json()

    assert first["pagination"] == {"limit": 2, "nextCursor": "w01", "hasMore": True}
    assert last["pagination"] == {"limit": 5, "hasMore": False}
    assert [word["text"] for word in last["items"]] == ["w21", "w22", "w23", "w24"]


async def test_without_a_word_there_are_ten_items_from_the_first_one_on() -> None:
    async with browsing(words_service()) as http:
        page = await connect(WordsV1, f"http://{HOST}", http=http).list()

    assert (len(page.items), page.pagination.limit, page.pagination.offset) == (10, 10, 0)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=many", "offset=-1", "limt=5", "limit=1&limit=2"]
)
async def test_a_query_for_no_page_is_refused(query: str) -> None:
    async with browsing(words_service()) as http:
        answer = await http.get(f"/api/v1/words/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("cursor", ["", "x" * 1025])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationError):
        CursorQuery(cursor=cursor)


async def test_pages_are_documented_each_with_its_items() -> None:
    document = create_service(INFO, SETTINGS, implementations=[implementation()]).openapi()

    schemas = document["components"]["schemas"]

    for page in ("OffsetPage_Word_", "CursorPage_Word_"):
        assert schemas[page]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Word"}


# Made for the author


@given(
    count=st.integers(0, 60), limit=st.integers(1, 20), offset=st.integers(0, 80), surplus=st.integers(0, 3)
)
def test_there_is_more_exactly_where_a_further_page_has_items(
    count: int, limit: int, offset: int, surplus: int
) -> None:
    rows = list(range(count))
    query = OffsetQuery(limit=limit, offset=offset)

    page = OffsetPage[int].of(rows[offset : offset + limit], query, total=count)
    cursor = CursorPage[int].of(
        rows[offset : offset + limit + 1 + surplus], CursorQuery(limit=limit), cursor=str
    )

    assert page.pagination.has_more == bool(rows[offset : offset + limit] and rows[offset + limit :])
    assert cursor.items == page.items
    assert cursor.pagination.has_more == bool(rows[offset + limit :] and page.items)
    assert cursor.pagination.next_cursor == (str(page.items[-1]) if cursor.pagination.has_more else None)


def test_a_page_that_holds_more_than_was_asked_for_is_the_authors_mistake() -> None:
    with pytest.raises(ValueError, match="at most 2 items cannot hold 3"):
        OffsetPage[int].of([1, 2, 3], OffsetQuery(limit=2), total=3)
    with pytest.raises(ValueError, match="not negative"):
        OffsetPage[int].of([], OffsetQuery(), total=-1)


# Walked to their end


async def test_all_items_of_all_pages_come_once_and_in_order() -> None:
    async with browsing(words_service()) as http:
        words = connect(WordsV1, f"http://{HOST}", http=http)

        by_offset = [each async for each in items_by_offset(lambda at: words.list(limit=7, offset=at))]
        by_cursor = [each async for each in items_by_cursor(lambda at: words.follow(limit=7, cursor=at))]

    assert tuple(by_offset) == tuple(by_cursor) == WORDS


NO_ITEMS: list[int] = []


def offset_pages(*pages: tuple[Sequence[int], int, bool]) -> Any:
    left = list(pages)

    async def ask(_: int) -> OffsetPage[int]:
        items, offset, has_more = left.pop(0) if len(left) > 1 else left[0]
        position = {"total": 99, "limit": 2, "offset": offset, "hasMore": has_more}
        return OffsetPage[int].model_validate({"items": items, "pagination": position})

    return ask


def cursor_pages(*pages: tuple[Sequence[int], str | None, bool]) -> Any:
    left = list(pages)

    async def ask(_: str | None) -> CursorPage[int]:
        items, cursor, has_more = left.pop(0) if len(left) > 1 else left[0]
        position = {"limit": 2, "nextCursor": cursor, "hasMore": has_more}
        return CursorPage[int].model_validate({"items": items, "pagination": position})

    return ask


async def take(items: AsyncIterable[Any], found: list[Any]) -> None:
    async for each in items:
        found.append(each)


async def taken(items: AsyncIterable[int]) -> tuple[list[int], str]:
    found: list[int] = []
    with pytest.raises(EndlessPagesError) as ended:
        await take(items, found)
    return found, str(ended.value)


@pytest.mark.parametrize(
    ("pages", "items", "told"),
    [
        ([([1, 2], 0, True)], [1, 2], "another page"),
        ([([1, 2], 0, True), (NO_ITEMS, 2, True)], [1, 2], "gives nothing"),
    ],
)
async def test_a_service_that_does_not_get_on_by_offset_ends_the_walk(
    pages: list[Any], items: list[int], told: str
) -> None:
    found, words = await taken(items_by_offset(offset_pages(*pages)))

    assert found == items
    assert told in words


@pytest.mark.parametrize(
    ("pages", "items", "told"),
    [
        ([([1], "a", True)], [1, 1], "for the second time"),
        ([([1], "a", True), ([2], "b", True), ([3], "a", True)], [1, 2, 3], "for the second time"),
        ([([1], None, True)], [1], "gives no cursor"),
    ],
)
async def test_a_service_that_repeats_a_cursor_ends_the_walk(
    pages: list[Any], items: list[int], told: str
) -> None:
    found, words = await taken(items_by_cursor(cursor_pages(*pages)))

    assert found == items
    assert told in words


async def test_a_page_without_items_between_others_is_passed_over() -> None:
    pages = cursor_pages(([1], "a", True), ([], "b", True), ([2], None, False))

    assert [each async for each in items_by_cursor(pages)] == [1, 2]


async def test_a_walk_ends_after_so_many_pages_as_were_allowed() -> None:
    async def counting(at: str | None) -> CursorPage[int]:
        number = int(at or "0")
        return CursorPage[int].of([number, number + 1], CursorQuery(limit=1), cursor=lambda at: str(at + 1))

    found, words = await taken(items_by_cursor(counting, most_pages=5))

    assert found == [0, 1, 2, 3, 4]
    assert "more than 5 pages" in words


async def test_an_error_on_the_way_is_told_after_what_came() -> None:
    class Peer:
        left = 1

        async def __call__(self, request: httpx.Request) -> httpx.Response:
            if not self.left:
                return streamed(httpx.Response(500))
            self.left -= 1
            pagination = {"total": 2, "limit": 1, "offset": 0, "hasMore": True}
            return streamed(httpx.Response(200, json={"items": [{"text": "a"}], "pagination": pagination}))

    words = connect(
        WordsV1, "http://x.example", http=httpx.AsyncClient(transport=httpx.MockTransport(Peer()))
    )
    found: list[Word] = []

    with pytest.raises(CallError, match="500"):
        await take(items_by_offset(lambda at: words.list(limit=1, offset=at)), found)

    assert found == [Word(text="a")]
