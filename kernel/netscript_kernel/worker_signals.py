"""How a worker of granian stops: it drains while its port still answers, and no stop goes unheard.

By itself granian refuses connections at once and then waits for streams, which never end; it forgets a signal
that comes while its loop does not run yet, and hangs on one that comes before it listens (version 2.8).
So SIGTERM gets a handler of ours, which drains and then says SIGINT to granian's own handler; and signals are
held back for the moments in which nobody would hear them.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, runtime_checkable

_STOPS = (signal.SIGTERM, signal.SIGINT)

# granian listens before its loop runs on, so that any time at all after the start is enough.
_UNTIL_IT_LISTENS = 0.05


@runtime_checkable
class Stoppable(Protocol):
    """A service, or an application that holds one; see :class:`~netscript_kernel.service.service.Service`."""

    @property
    def in_flight(self) -> int:
        """How many requests are being answered."""
        ...

    def when_start_ends(self, tell: Callable[[Exception | None], None]) -> None:
        """Tell why the start failed, or ``None`` for a good one."""
        ...

    async def drain(self) -> None:
        """Be ready no more, still answer, and return when nothing is in flight or the limit is reached."""
        ...

    async def stop(self) -> None:
        """Drain, and close every part."""
        ...


class _Forks:
    """Signals are held while the main process forks a worker: Python drops those that reach a fork unborn."""

    def __init__(self) -> None:
        self.is_main = False
        self._is_registered = False

    def hold_signals(self) -> None:
        """Begin, in the main process."""
        self.is_main = True
        if not self._is_registered and hasattr(os, "register_at_fork"):
            self._is_registered = True
            os.register_at_fork(before=self._before, after_in_parent=self._after)

    def _before(self) -> None:
        if self.is_main:
            _hold(_STOPS)

    def _after(self) -> None:
        if self.is_main:
            _let_come(_STOPS)


_forks = _Forks()


def hold_signals_while_forking() -> None:
    """Make sure that each worker gets its signals; to be called in the main process."""
    _forks.hold_signals()


def leave_handlers_of_main() -> None:
    """Let a stop end this worker at once while it loads; to be called first.

    A forked worker has the main process's handlers, which only take notes in the worker's own copy.
    """
    _forks.is_main = False
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_DFL)
    _let_come(_STOPS)


def take_over_signals(service: Stoppable) -> None:
    """Make SIGTERM drain the service; to be called last before granian takes the application."""
    loop = asyncio.get_event_loop()
    _hold(_STOPS)
    # Runs as soon as the loop does: after granian has set its own handlers.
    loop.call_soon(_drain_on_sigterm, loop, service)


def hear_interrupts() -> None:
    """Let SIGINT come, once granian listens; to be called in the loop when the service has started."""
    asyncio.get_running_loop().call_later(_UNTIL_IT_LISTENS, _let_come, (signal.SIGINT,))


def _drain_on_sigterm(loop: asyncio.AbstractEventLoop, service: Stoppable) -> None:
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        tasks.append(loop.create_task(_stop(service)))

    with suppress(NotImplementedError):  # Windows, where granian sets Python's handlers itself
        loop.remove_signal_handler(signal.SIGTERM)
    # Python's handler and not the loop's, which is deaf while the loop rests between start and service.
    signal.signal(signal.SIGTERM, lambda _, __: loop.call_soon_threadsafe(begin))
    _let_come((signal.SIGTERM,))


async def _stop(service: Stoppable) -> None:
    await service.drain()
    if service.in_flight > 0:
        await service.stop()
    os.kill(os.getpid(), signal.SIGINT)


def _hold(signals: Sequence[signal.Signals]) -> None:
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)


def _let_come(signals: Sequence[signal.Signals]) -> None:
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
