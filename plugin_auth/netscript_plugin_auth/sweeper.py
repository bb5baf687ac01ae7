"""Clears out of the store, now and then, what has expired: no answer depends on it."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from netscript_kernel.errors import NetScriptError
from netscript_kernel.kv.port import KvStorePort

EVERY = timedelta(minutes=5)

_log = logging.getLogger("netscript.auth.sweeper")


@asynccontextmanager
async def sweeping(store: KvStorePort, every: timedelta = EVERY) -> AsyncGenerator[None]:
    """Sweep in the background while the block lasts."""
    task = asyncio.create_task(_sweep_for_ever(store, every.total_seconds()))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def sweep_once(store: KvStorePort) -> None:
    """Delete everything that has expired by now, a piece at a time; what goes wrong is told and left."""
    try:
        while await store.sweep():
            pass
    except NetScriptError as error:
        _log.warning("could not sweep the %s store: %s", store.name, error.reason)
    except Exception:  # noqa: BLE001  # an unforeseen fault of one round must not end all later ones
        _log.exception("could not sweep the %s store", store.name)


async def _sweep_for_ever(store: KvStorePort, seconds: float) -> None:
    while True:
        await sweep_once(store)
        await asyncio.sleep(seconds)
