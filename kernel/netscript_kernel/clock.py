"""Time comes through one port, so that tests and rehearsals can move it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the time as an aware UTC datetime."""
        ...

    def unix(self) -> float:
        """Return the same time as seconds since 1970-01-01T00:00Z, for hot paths."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def unix(self) -> float:
        """Return the machine's time in seconds."""
        return time.time()


class SettableClock:
    """A clock that stands still until it is moved.

    Example::

        clock = SettableClock(datetime(2026, 1, 1, tzinfo=UTC))
        clock.advance(timedelta(minutes=11))
    """

    def __init__(self, start: datetime | None = None) -> None:
        start = start or datetime(2026, 1, 1, tzinfo=UTC)
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware datetime, such as datetime(2026, 1, 1, tzinfo=UTC)")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def unix(self) -> float:
        """Return the time that was set, in seconds."""
        return self._now.timestamp()

    def advance(self, by: timedelta) -> None:
        """Move on, or back with a negative difference."""
        self._now += by

    def set(self, to: datetime) -> None:
        """Jump to an aware datetime."""
        self._now = to.astimezone(UTC)
