"""A document that is kept while its source is away, and whom a source that hangs keeps waiting."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
import pytest

from netscript_auth_core.background import Background
from netscript_auth_core.cached_document import CachedDocument
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import SettableClock

HOUR, TIMEOUT, RETRY = timedelta(hours=1), timedelta(seconds=10), timedelta(seconds=30)


class Source:
    """Where a document comes from: it answers, fails at once, or hangs until its caller gives up."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.background = Background()
        self.document = CachedDocument(self._fetch, self.clock, self.background)
        self.word = "first"
        self.asked = 0
        self.is_away = False
        self.hang: anyio.Event | None = None

    def begin_to_hang(self) -> None:
        """Answer nobody any more."""
        self.is_away, self.hang = True, anyio.Event()

    async def answer(self) -> str:
        """Ask for the document without waiting for its source."""
        with anyio.fail_after(60):
            return await self.document.get()

    async def give_up(self) -> None:
        """Let the timeout of whoever asked pass, and go on hanging."""
        hanging, self.hang = self.hang, anyio.Event()
        assert hanging is not None
        self.clock.advance(TIMEOUT)
        hanging.set()
        await anyio.wait_all_tasks_blocked()

    async def _fetch(self) -> str:
        self.asked += 1
        if self.hang is not None and self.is_away:
            await self.hang.wait()
            raise BackendUnavailableError("acme", "its source did not answer")
        if self.is_away:
            raise BackendUnavailableError("acme", "its source is away")
        return self.word


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    source = Source()
    assert await source.document.get() == "first"
    yield source
    await source.background.drain(timedelta(0))


async def test_past_its_hour_a_document_is_fetched_before_it_is_handed_out(source: Source) -> None:
    source.word = "second"
    source.clock.advance(HOUR)

    found = await source.document.get()

    assert found == "second"


async def test_a_source_that_hangs_keeps_only_the_first_callers_of_an_outage_waiting(source: Source) -> None:
    source.begin_to_hang()
    source.clock.advance(HOUR)
    first = asyncio.create_task(source.document.get())
    await anyio.wait_all_tasks_blocked()
    await source.give_up()
    assert await first == "first"

    for _ in range(10):
        source.clock.advance(RETRY)
        assert [await source.answer() for _ in range(3)] == ["first"] * 3
        await anyio.wait_all_tasks_blocked()
        await source.give_up()

    assert source.asked == 1 + 1 + 10


async def test_the_next_try_comes_half_a_minute_after_the_failure(source: Source) -> None:
    source.begin_to_hang()
    source.clock.advance(HOUR)
    first = asyncio.create_task(source.document.get())
    await anyio.wait_all_tasks_blocked()
    await source.give_up()
    await first

    source.clock.advance(RETRY - timedelta(seconds=1))
    await source.answer()
    assert source.asked == 2

    source.clock.advance(timedelta(seconds=1))
    await source.answer()
    await anyio.wait_all_tasks_blocked()
    assert source.asked == 3


async def test_a_source_that_is_back_is_heard_behind_an_answer(source: Source) -> None:
    source.is_away = True
    source.clock.advance(HOUR)
    await source.document.get()
    source.is_away, source.word = False, "second"
    source.clock.advance(RETRY)

    held = await source.document.get()
    await source.background.drain()

    assert held == "first"
    assert await source.document.get() == "second"
    source.clock.advance(HOUR)
    source.word = "third"
    assert await source.document.get() == "third"


async def test_a_source_that_is_away_for_a_day_is_an_outage(source: Source) -> None:
    source.is_away = True
    source.clock.advance(HOUR)
    await source.document.get()
    source.clock.advance(23 * HOUR)

    with pytest.raises(BackendUnavailableError):
        await source.document.get()
