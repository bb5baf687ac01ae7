"""Requests that take their time, break off, or name what is not there in an odd way."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from netscript_kernel.service.settings import ServiceSettings
from tests.kernel.sample_service import HOST, SETTINGS, browsing, sample_service

IMPATIENT = replace(SETTINGS, body_patience=timedelta(0))
BEGINNING: Message = {"type": "http.request", "body": b"x", "more_body": True}
END: Message = {"type": "http.request", "body": b"y", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


async def read_all(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def read_and_watch(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(body if await request.is_disconnected() else b"still there")


async def post(path: str, arriving: Sequence[Message], settings: ServiceSettings = SETTINGS) -> int:
    """Send pieces of a body, then nothing for ever, and return the status of the answer."""
    pieces, sent = list(arriving), list[Message]()
    routes = [Route("/read", read_all, methods=["POST"]), Route("/watch", read_and_watch, methods=["POST"])]

    async def receive() -> Message:
        if not pieces:
            await asyncio.Event().wait()
        return pieces.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", HOST.encode()), (b"content-type", b"application/json"), (b"content-length", b"2")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await sample_service(settings, routes=routes).app({**scope, "scheme": "https"}, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize("arriving", [[], [BEGINNING]], ids=["nothing", "a beginning"])
@pytest.mark.parametrize("path", ["/read", "/api/v1/notes/", "/api/v1/notes/by/form"])
async def test_a_body_that_does_not_arrive_is_given_up(path: str, arriving: list[Message]) -> None:
    status = await post(path, arriving, IMPATIENT)

    assert status == 408


async def test_a_body_that_arrives_in_pieces_is_read() -> None:
    assert await post("/read", [BEGINNING, END]) == 200


async def test_after_the_body_a_client_may_be_watched_for_as_long_as_it_takes() -> None:
    assert await post("/watch", [END, GONE], replace(SETTINGS, body_patience=timedelta(seconds=60))) == 200


@pytest.mark.parametrize("path", ["/read", "/api/v1/notes/"])
async def test_a_client_that_goes_away_is_no_fault_of_ours(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    status = await post(path, [BEGINNING, GONE])

    assert status == 400
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("end", ["%0a", "%0d%0a", "%00", "%7f", "%1b[31m"])
@pytest.mark.parametrize("path", ["/api/v1/notes/n1", "/health", "/health/live", "/", "/api/docs"])
async def test_a_path_with_a_control_character_names_nothing(path: str, end: str) -> None:
    async with browsing(sample_service().app) as http:
        answer = await http.send(httpx.Request("GET", f"https://{HOST}{path}{end}"))

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_patience_is_not_negative() -> None:
    with pytest.raises(ValueError, match="body_patience"):
        ServiceSettings(body_patience=timedelta(seconds=-1))
