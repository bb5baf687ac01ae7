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

    def monotonic(self) -> float:
        """Return seconds since some moment: to tell how long ago something was, whoever sets the time."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def unix(self) -> float:
        """Return the machine's time in seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that only grow; they stand still while the machine sleeps."""
        return time.monotonic()


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
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the time that was set."""
        return self._now

    def unix(self) -> float:
        """Return the time that was set, in seconds."""
        return self._now.timestamp()

    def monotonic(self) -> float:
        """Return the seconds by which it was moved on."""
        return self._passed

    def advance(self, by: timedelta) -> None:
        """Let time pass; with a negative difference, set the clock back, by which no time passes."""
        self._now += by
        self._passed += max(0.0, by.total_seconds())

    def set(self, to: datetime) -> None:
        """Jump to an aware datetime; no time passes."""
        self._now = to.astimezone(UTC)
