"""A service opens its parts in order, drains, and closes them in reverse."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.service.hot import HotAnswer, HotRoute
from netscript_kernel.service.service import Service
from tests.kernel.sample_service import SETTINGS, browsing, sample_service


class Story:
    """What happened, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def part(
        self, name: str, error: Exception | None = None
    ) -> Callable[[], AbstractAsyncContextManager[None]]:
        @asynccontextmanager
        async def life() -> AsyncGenerator[None]:
            if error:
                raise error
            self.lines.append(f"open {name}")
            try:
                yield
            finally:
                self.lines.append(f"close {name}")

        return life


async def live(service: Service, *, until: asyncio.Event | None = None) -> list[Message]:
    """Runs the service as a server would: start-up, then shutdown."""
    sent: list[Message] = []
    asked = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(asked)}

    async def send(message: Message) -> None:
        sent.append(message)

    await service.app({"type": "lifespan", "asgi": {}}, receive, send)
    return sent


async def test_parts_open_in_order_and_close_in_reverse() -> None:
    story = Story()

    sent = await live(sample_service(lifespan=[story.part("store"), story.part("keys")]))

    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert story.lines == ["open store", "open keys", "close keys", "close store"]


async def test_a_part_that_does_not_open_stops_the_start_and_closes_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    story = Story()
    parts = [story.part("store"), story.part("keys", RuntimeError("hunter2"))]

    sent = await live(sample_service(lifespan=parts))

    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert sent[0]["message"] == "the service did not start: RuntimeError"
    assert story.lines == ["open store", "close store"]
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_a_configuration_that_is_wrong_is_told_in_its_own_words() -> None:
    error = ConfigurationError([Fault("ACME_KEY", "is not set", "make one")])
    told: list[Exception | None] = []
    service = sample_service(lifespan=[Story().part("keys", error)])
    service.when_start_ends(told.append)

    sent = await live(service)

    assert "ACME_KEY: is not set. Fix: make one" in sent[0]["message"]
    assert told == [error]


async def test_a_service_starts_once() -> None:
    service = sample_service(lifespan=[Story().part("store")])
    await service.start()

    with pytest.raises(RuntimeError, match="starts once"):
        await service.start()


async def test_stopping_twice_closes_once() -> None:
    story = Story()
    service = sample_service(lifespan=[story.part("store")])
    await service.start()

    await service.stop()
    await service.stop()

    assert story.lines == ["open store", "close store"]


async def test_draining_what_is_closed_opens_nothing_again() -> None:
    service = sample_service(lifespan=[Story().part("store")])
    await service.start()
    await service.stop()

    await service.drain()

    async with browsing(service.app) as http:
        assert (await http.get("/api/v1/notes/n1")).status_code == 503


class Gate:
    """A handler that waits inside until it is let go, on either chain."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.let_go = asyncio.Event()

    async def main(self, _: Request) -> Response:
        self.entered.set()
        await self.let_go.wait()
        return PlainTextResponse("done")

    async def hot(self, _: Scope) -> HotAnswer:
        self.entered.set()
        await self.let_go.wait()
        return HotAnswer(200, (), b"done")


def gated_service(gate: Gate, story: Story, limit: timedelta = timedelta(seconds=20)) -> Service:
    return sample_service(
        replace(SETTINGS, drain_limit=limit),
        routes=[Route("/slow", gate.main)],
        hot_routes=[HotRoute("GET", "/hot", gate.hot)],
        lifespan=[story.part("store")],
    )


@pytest.mark.parametrize("path", ["/slow", "/hot"])
async def test_a_stop_waits_for_requests_in_flight_before_it_closes_anything(path: str) -> None:
    gate, story = Gate(), Story()
    service = gated_service(gate, story)
    await service.start()

    async with browsing(service.app) as http, asyncio.TaskGroup() as tasks:
        request = tasks.create_task(http.get(path))
        await gate.entered.wait()
        stop = tasks.create_task(service.stop())
        await service.draining()
        ready = await http.get("/health/ready")
        still_answered = await http.get("/api/v1/notes/n1")
        opened_meanwhile = list(story.lines)
        gate.let_go.set()
        await stop

    assert request.result().text == "done"
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert still_answered.status_code == 200
    assert opened_meanwhile == ["open store"]
    assert story.lines == ["open store", "close store"]
    assert service.in_flight == 0


async def test_stops_at_the_same_time_are_one_stop_that_all_of_them_wait_for() -> None:
    gate, story = Gate(), Story()
    parts = [story.part("store"), story.part("backend")]
    service = sample_service(routes=[Route("/slow", gate.main)], lifespan=parts)
    await service.start()

    async with browsing(service.app) as http, asyncio.TaskGroup() as tasks:
        request = tasks.create_task(http.get("/slow"))
        await gate.entered.wait()
        stops = [tasks.create_task(service.stop()) for _ in range(3)]
        await service.draining()
        gate.let_go.set()
        await asyncio.gather(*stops)
        closed_when_told = list(story.lines)

    assert request.result().status_code == 200
    assert closed_when_told == ["open store", "open backend", "close backend", "close store"]


async def test_a_stop_waits_no_longer_than_its_limit(caplog: pytest.LogCaptureFixture) -> None:
    gate, story = Gate(), Story()
    service = gated_service(gate, story, limit=timedelta(0))
    await service.start()

    async with browsing(service.app) as http:
        request = asyncio.create_task(http.get("/slow"))
        await gate.entered.wait()
        await service.stop()
        late = await http.get("/hot")
        gate.let_go.set()
        await request

    assert story.lines == ["open store", "close store"]
    assert (late.status_code, late.json()["detail"]) == (503, "The service is stopping")
    assert "stopped before all was answered" in caplog.text


async def test_a_request_that_is_cancelled_is_not_in_flight_any_more() -> None:
    gate = Gate()
    service = gated_service(gate, Story())
    await service.start()

    async with browsing(service.app) as http:
        request = asyncio.create_task(http.get("/slow"))
        await gate.entered.wait()
        in_flight = service.in_flight
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    assert (in_flight, service.in_flight) == (1, 0)
    await service.stop()


async def test_a_part_that_does_not_close_is_told_to_the_server(caplog: pytest.LogCaptureFixture) -> None:
    @asynccontextmanager
    async def stubborn() -> AsyncGenerator[None]:
        yield
        raise OSError("disk")

    sent = await live(sample_service(lifespan=[stubborn]))

    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.failed"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
