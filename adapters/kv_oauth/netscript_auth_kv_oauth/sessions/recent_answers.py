"""Answers that were given a moment ago, to be given again without a look at the store.

Only where the operator accepts that a session which another process ended is answered for a while longer.
What this process ends or changes is forgotten at once, and no answer is given beyond a moment from which a
look at the record would do something: end the session, record its use, refresh what the provider granted.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from netscript_auth_core.ports import Authenticated
from netscript_auth_kv_oauth.sessions.session_records import Head
from netscript_kernel.clock import Clock

LONGEST: Final = timedelta(seconds=30)
"""No answer may be given again for longer."""

MOST: Final = 5000
"""So many are kept: some 20 MB at the very most."""


class _Kept(NamedTuple):
    answer: Authenticated
    since: float
    until: float
    until_monotonic: float


class Reading(NamedTuple):
    """A look at the store that goes on.

    Attributes:
        recent: Where its answer is kept.
        handle: Of the session.
        begun: By the monotonic clock.
        changes: How often something had been written by then.
    """

    recent: "RecentAnswers"
    handle: str
    begun: float
    changes: int

    def keep(self, answer: Authenticated, head: Head) -> None:
        """Keep the answer that came of it, unless its record may be of before a write of this process."""
        self.recent.keep(self, answer, head)


class RecentAnswers:
    """The answers by the handle of their session; of too many, the one that was read first goes.

    Args:
        staleness: For so long an answer is given again.
        clock: Both of its times count: one of them stands still while a machine sleeps, the other one jumps
            when somebody sets it.
        most: How many are kept.
    """

    def __init__(self, staleness: timedelta, clock: Clock, most: int = MOST) -> None:
        self._seconds = staleness.total_seconds()
        self._clock = clock
        self._most = most
        self._kept: dict[str, _Kept] = {}
        self._changes = 0  # how often something was written here

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, handle: str) -> Authenticated | None:
        """Return the answer for a session, if it is recent."""
        kept = self._kept.get(handle)
        if kept is None:
            return None
        answer, since, until, until_monotonic = kept
        clock = self._clock
        if since <= clock.unix() < until and clock.monotonic() < until_monotonic:
            return answer
        del self._kept[handle]
        return None

    def reading(self, handle: str) -> "Reading":
        """Return what keeps the answer for a session whose record is about to be read."""
        return Reading(self, handle, self._clock.monotonic(), self._changes)

    def keep(self, reading: "Reading", answer: Authenticated, head: Head) -> None:
        """Keep an answer; see :meth:`Reading.keep`."""
        now = self._clock.unix()
        # A use that has to be recorded, or a refresh, is looked after by each check until it is done.
        until = min(
            now + self._seconds, head.touch_from, head.refresh_from, head.idle_expires_at, head.expires_at
        )
        # What was read while something was written may be of before that.
        if reading.changes != self._changes or until <= now:
            return
        self._kept.pop(reading.handle, None)
        self._kept[reading.handle] = _Kept(answer, now, until, reading.begun + self._seconds)
        self._forget_oldest(now)

    def forget(self, handles: Iterable[str]) -> None:
        """Forget what was answered for sessions that this process wrote, or tried to."""
        self._changes += 1
        for handle in handles:
            self._kept.pop(handle, None)

    def _forget_oldest(self, now: float) -> None:
        """Forget what is too much, and a little of what is over, so that memory comes back."""
        for _ in range(2):
            oldest = next(iter(self._kept))
            if len(self._kept) <= self._most and now < self._kept[oldest].until:
                return
            del self._kept[oldest]
