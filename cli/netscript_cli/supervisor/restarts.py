"""How often a process is started again, and after which pause."""

from collections import deque
from datetime import timedelta
from typing import Final

from netscript_kernel.clock import Clock

MOST_DEATHS: Final = 5
WITHIN: Final = timedelta(minutes=1)

_FIRST_PAUSE: Final = timedelta(seconds=0.5)


class Restarts:
    """The deaths of one process.

    Args:
        clock: Tells how far apart they are.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS)

    def pause_after_death(self) -> timedelta | None:
        """Take note of a death, and return how long to wait; ``None`` where it died too often.

        Each pause is twice the one before, as long as the deaths are close to one another.
        """
        now = self._clock.monotonic()
        self._deaths.append(now)
        lately = sum(now - each < WITHIN.total_seconds() for each in self._deaths)
        return _FIRST_PAUSE * 2 ** (lately - 1) if lately < MOST_DEATHS else None
