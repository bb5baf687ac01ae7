"""What WorkOS refused a moment ago, by session: whoever repeats it at will does not use up its rate limit."""

from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from netscript_kernel.clock import Clock

KEPT: Final = timedelta(minutes=1)
MOST: Final = 10_000

T = TypeVar("T")


class Refusals(Generic[T]):
    """Remembered in this process for a minute each; of too many, the oldest makes room.

    Args:
        clock: Tells which are over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, tuple[datetime, T]] = {}

    def note(self, session_id: str, refused: T) -> None:
        """Remember what was refused of a session, in the place of what was before."""
        self._held.pop(session_id, None)
        if len(self._held) >= MOST:
            del self._held[next(iter(self._held))]
        self._held[session_id] = (self._clock.now() + KEPT, refused)

    def of(self, session_id: str) -> T | None:
        """Return what was refused of a session within the last minute."""
        until, refused = self._held.get(session_id, (None, None))
        return refused if until is not None and self._clock.now() < until else None
