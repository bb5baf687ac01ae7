"""What no request waits for, now and then: what has expired leaves the store; the backend does its upkeep."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from netscript_auth_core.ports import UpkeepPort
from netscript_kernel.errors import NetScriptError
from netscript_kernel.kv.port import KvStorePort

EVERY = timedelta(minutes=5)

_log = logging.getLogger("netscript.auth.sweeper")


@asynccontextmanager
async def sweeping(
    store: KvStorePort, upkeep: UpkeepPort | None, every: timedelta = EVERY
) -> AsyncGenerator[None]:
    """Sweep, and let the backend do its upkeep, in the background while the block lasts."""
    task = asyncio.create_task(_sweep_for_ever(store, upkeep, every.total_seconds()))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def sweep_once(store: KvStorePort) -> None:
    """Delete everything that has expired by now, a piece at a time; what goes wrong is told and left.

    No answer depends on it. Between two pieces everybody else has a turn, whatever the store.
    """
    try:
        while await store.sweep():  # noqa: ASYNC110  # a turn for everybody else, not a wait for something
            await asyncio.sleep(0)
    except NetScriptError as error:
        _log.warning("could not sweep the %s store: %s", store.name, error.reason)
    except Exception:  # noqa: BLE001  # an unforeseen fault of one round must not end all later ones
        _log.exception("could not sweep the %s store", store.name)


async def keep_up_once(upkeep: UpkeepPort) -> None:
    """Do one round of upkeep; what goes wrong is told and left."""
    try:
        await upkeep.run()
    except NetScriptError as error:
        _log.warning("the upkeep of the backend is put off: %s", error.reason)
    except Exception:  # noqa: BLE001  # likewise
        _log.exception("the upkeep of the backend failed")


async def _sweep_for_ever(store: KvStorePort, upkeep: UpkeepPort | None, seconds: float) -> None:
    while True:
        await sweep_once(store)
        if upkeep is not None:
            await keep_up_once(upkeep)
        await asyncio.sleep(seconds)
