"""Services for the tests of the server, which run in processes of their own."""

import asyncio
import gc
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.settings import ServiceInfo, ServiceSettings

INFO = ServiceInfo("served", "1")
SETTINGS = ServiceSettings(allowed_hosts=frozenset({"127.0.0.1"}))
FAULT = Fault("ACME_KEY", "is not set", "make one")


def create_app() -> ASGIApp:
    """Routes that wait for one another, so that a test decides what is in flight."""
    entered, released = asyncio.Event(), asyncio.Event()
    collected_when_made = gc.isenabled()

    async def pid(_: Request) -> Response:
        return PlainTextResponse(str(os.getpid()))

    async def garbage(_: Request) -> Response:
        found = {"set_apart": gc.get_freeze_count(), "collects": gc.isenabled()}
        return JSONResponse({**found, "collected_when_made": collected_when_made})

    async def slow(_: Request) -> Response:
        entered.set()
        await released.wait()
        return PlainTextResponse("done")

    async def slow_has_begun(_: Request) -> Response:
        await entered.wait()
        return PlainTextResponse("begun")

    async def draining(_: Request) -> Response:
        await service.draining()
        return PlainTextResponse("draining")

    async def release(_: Request) -> Response:
        released.set()
        return PlainTextResponse("released")

    handlers = {
        "/pid": pid,
        "/garbage": garbage,
        "/slow": slow,
        "/slow-has-begun": slow_has_begun,
        "/draining": draining,
        "/release": release,
    }
    routes = [Route(path, handler) for path, handler in handlers.items()]
    service = create_service(INFO, SETTINGS, routes=routes, lifespan=[_part])
    return service.app


def refuse_to_be_made() -> ASGIApp:
    """A factory that finds its configuration wanting."""
    raise ConfigurationError([FAULT])


def refuse_to_start() -> ASGIApp:
    """A service that finds its configuration wanting as it starts."""
    return create_service(INFO, SETTINGS, lifespan=[_wanting]).app


@asynccontextmanager
async def _part() -> AsyncGenerator[None]:
    yield
    print("part closed", flush=True)  # noqa: T201 - the test reads it


@asynccontextmanager
async def _wanting() -> AsyncGenerator[None]:
    raise ConfigurationError([FAULT])
    yield  # makes this a generator
