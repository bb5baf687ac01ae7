"""What is open as long as the service runs: in which order, and how it is closed again."""

from asyncio import to_thread
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from netscript_auth_core.events import EventSink
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.service.lifecycle import Lifespan
from netscript_plugin_auth.joined_upkeep import joined_upkeep
from netscript_plugin_auth.opening import close_store
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.sweeper import sweeping
from netscript_plugin_auth.telemetry.opening import Telemetry


def lifespans(
    parts: Parts,
    store: KvStorePort,
    events: EventSink,
    telemetry: Telemetry,
    draining: Callable[[], Awaitable[None]],
) -> Sequence[Lifespan]:
    """Return what the service opens in this order, and closes in reverse.

    Args:
        parts: What the handlers work with.
        store: Closed after whatever writes into it.
        events: May have some left to write.
        telemetry: Closed last: what happens at the end is told, too.
        draining: Returns when the service begins to end.
    """
    upkeep = joined_upkeep([parts.backend.upkeep, parts.tokens.keys if parts.tokens is not None else None])
    return (
        partial(_traced, telemetry),
        partial(_kept, store, events),
        partial(_running, parts.backend),
        partial(sweeping, store, upkeep),
        partial(parts.revocations.watch.ending, draining),
    )


@asynccontextmanager
async def _traced(telemetry: Telemetry) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        if telemetry.tracing is not None:
            # A collector that does not answer may take its time; requests are over by now.
            await to_thread(telemetry.tracing.aclose)


@asynccontextmanager
async def _kept(store: KvStorePort, events: EventSink) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await close_store(store, events)


@asynccontextmanager
async def _running(backend: AuthBackendPort) -> AsyncGenerator[None]:
    try:
        await backend.start()
        yield
    finally:
        await backend.aclose()
