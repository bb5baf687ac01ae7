"""One bucket for each client, within bounded memory (GCRA, as of ATM's traffic management).

All that is kept of a client is the time at which its bucket is full again. A client whose time has come is
as good as unknown, and is forgotten. Where there are more clients than may be kept, the one that would be
forgotten soonest goes: whoever has used the least. So a flood of addresses that each ask once pushes out its
own, and not the one that asks all the time; and nobody is refused for what others did.
"""

import heapq
from math import ceil
from typing import Final

from netscript_kernel.clock import Clock
from netscript_plugin_auth.limits.rate import Rate

_MICROSECONDS: Final = 1_000_000
_MOST_FORGOTTEN: Final = 2  # for each that is new, so that what a flood left behind goes by and by


class Buckets:
    """Counts what each client takes.

    Args:
        rate: What each may take.
        clock: Says when. One that is set back refuses nobody for longer than a period.
        most: So many clients are kept.
    """

    def __init__(self, rate: Rate, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        # Whole microseconds: sums of fractions would not come out even.
        self._interval = ceil(rate.period.total_seconds() * _MICROSECONDS / rate.requests)
        self._depth = self._interval * rate.requests
        self._full_at: dict[str, int] = {}
        self._told_at: dict[str, int] = {}
        # One entry for each client; its time may be another one than the client's is by now.
        self._soonest: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, client: str) -> float:
        """Return the seconds until the client may take one; 0 for now."""
        now = self._now()
        missing = self._full_again(client, now) + self._interval - self._depth - now
        return max(0, missing) / _MICROSECONDS

    def take(self, client: str) -> None:
        """Take one for the client, who may."""
        now = self._now()
        known = client in self._full_at
        full_at = self._full_again(client, now) + self._interval
        if not known:
            self._make_room(now)
            heapq.heappush(self._soonest, (full_at, client))
        self._full_at[client] = full_at

    def give_back(self, client: str) -> None:
        """Let the client have one that it took again."""
        if client in self._full_at:
            self._full_at[client] -= self._interval

    def is_news(self, client: str) -> bool:
        """Whether that the client has to wait was not told within this period; from now on it was."""
        now = self._now()
        told_at = self._told_at.get(client)
        if told_at is not None and told_at <= now < told_at + self._depth:
            return False
        if client in self._full_at:
            self._told_at[client] = now
        return True

    def _full_again(self, client: str, now: int) -> int:
        full_at = self._full_at.get(client, now)
        if full_at > now + self._depth:  # never, unless the clock was set back
            full_at = self._full_at[client] = now + self._depth
        return max(full_at, now)

    def _make_room(self, now: int) -> None:
        for _ in range(_MOST_FORGOTTEN):
            if self._full_at and (len(self._full_at) >= self._most or self._soonest[0][0] <= now):
                self._forget_one(now)

    def _forget_one(self, now: int) -> None:
        """Forget whoever has the least to wait for, if that is over or there is no room."""
        while True:
            kept_at, client = self._soonest[0]
            full_at = self._full_at[client]
            if kept_at == full_at:
                break
            heapq.heapreplace(self._soonest, (full_at, client))
        if len(self._full_at) < self._most and full_at > now:
            return
        heapq.heappop(self._soonest)
        del self._full_at[client]
        self._told_at.pop(client, None)

    def _now(self) -> int:
        return round(self._clock.unix() * _MICROSECONDS)
