"""Writes events to the store behind the response, several at once, and never more than fits.

What anybody can cause without being known, such as a refused sign-in, is kept 3600 times at once and once a
second from then on: a flood fills no disk. So are sign-outs in the name of a provider that are refused, and
refreshes and tokens for services, of which many sessions make many; each is counted by itself. The log has
all of it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from netscript_auth_core.events import AuthEvent, EventName
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.audit.kept_events import put_of
from netscript_plugin_auth.limits.buckets import Buckets
from netscript_plugin_auth.limits.rate import Rate

_log = logging.getLogger("netscript.auth.audit")

_ANYBODY: Final = "anybody"
_LOGOUTS: Final = "logouts"
_REFRESHES: Final = "refreshes"
_TOKENS: Final = "tokens"
_BUDGETS: Final[Mapping[EventName, str]] = MappingProxyType(
    {
        EventName.SIGNIN_STARTED: _ANYBODY,
        EventName.SIGNIN_FAILED: _ANYBODY,
        EventName.REQUEST_REFUSED: _ANYBODY,
        EventName.REQUEST_LIMITED: _ANYBODY,
        EventName.LOGOUT_REFUSED: _LOGOUTS,
        EventName.TOKEN_REFRESHED: _REFRESHES,
        EventName.TOKEN_ISSUED: _TOKENS,
    }
)
_BUDGET: Final = Rate(3600, timedelta(hours=1))
_MOST_WAITING: Final = 2000
_BATCH: Final = 100
_GATHERED_FOR: Final = 0.2  # seconds


class StoreEventSink:
    """Takes events at once, and writes them soon.

    Args:
        store: Open until :meth:`aclose` has returned.
        clock: Says how much time passed.
        keep: How long an event can be looked up.
    """

    def __init__(self, store: KvStorePort, clock: Clock, keep: timedelta) -> None:
        self._store = store
        self._keep = keep
        self._budgets = Buckets(_BUDGET, clock, most=len(set(_BUDGETS.values())))
        self._waiting: deque[AuthEvent] = deque()
        self._dropped = 0
        self._is_closing = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def emit(self, event: AuthEvent) -> None:
        """Take one event; one that does not fit is counted, and the number is logged."""
        if len(self._waiting) >= _MOST_WAITING or not self._is_affordable(event):
            self._dropped += 1
        else:
            self._waiting.append(event)
        if self._writer is None or self._writer.done():
            with suppress(RuntimeError):  # no loop runs: it is written when the sink closes
                self._writer = asyncio.get_running_loop().create_task(self._write_soon())

    async def aclose(self) -> None:
        """Write what is waiting."""
        self._is_closing.set()
        if self._writer is not None:
            await self._writer
        await self._write_all()

    def _is_affordable(self, event: AuthEvent) -> bool:
        budget = _BUDGETS.get(event.name)
        if budget is None:
            return True
        if self._budgets.wait(budget):
            return False
        self._budgets.take(budget)
        return True

    async def _write_soon(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_closing.wait(), _GATHERED_FOR)
        await self._write_all()

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            try:
                await self._store.commit(puts=[put_of(event, self._keep) for event in batch])
            except NetScriptError as error:
                self._dropped += len(batch)
                _log.warning("could not keep events: %s", error.reason)
            except Exception:  # noqa: BLE001  # an unforeseen fault of one batch must not end all later ones
                self._dropped += len(batch)
                _log.exception("could not keep events")
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            _log.warning("events that are in the log alone: %d", dropped)
