"""Whether somebody asks us to stop, and whether they ask again."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """What signals ask for.

    Attributes:
        asked: Somebody asked us to stop.
        insisted: And once more: at once.
        is_by_keyboard: Whether it was Ctrl-C.
    """

    def __init__(self) -> None:
        self.is_by_keyboard = False
        self.asked = asyncio.Event()
        self.insisted = asyncio.Event()

    def ask(self, number: signal.Signals) -> None:
        """Take note of a signal."""
        self.is_by_keyboard = number is signal.SIGINT
        (self.insisted if self.asked.is_set() else self.asked).set()


@contextmanager
def stop_signals() -> Generator[Stop]:
    """Yield what takes note of Ctrl-C and the like, until the block ends."""
    stop, loop = Stop(), asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.ask, number)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
