"""How long one waits for another here, and how many may do so at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from netscript_auth_kv_oauth.grants.refresh_leases import LONGEST

# Each look after another process's attempt costs two reads of the store.
_FIRST_PAUSE: Final = timedelta(seconds=0.1)
_LONGEST_PAUSE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """What is waited for, and how long.

    Attributes:
        refresh: For an attempt of another process.
        signout: For a provider that is told of a sign-out; what takes longer goes on behind the response.
        most_signouts: So many wait for providers that hang; the upkeep tells the others.
        most_refreshes: So many wait for providers that hang, few beside all that :class:`Background` takes,
            so that no use of a session goes unrecorded. A later use asks again.
        sleep: Lets so many seconds pass.
    """

    refresh: timedelta = LONGEST
    signout: timedelta = timedelta(seconds=2)
    most_signouts: int = 100
    most_refreshes: int = 100
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    def pauses(self) -> Iterator[float]:
        """Yield the seconds between two looks at an attempt of another process."""
        pause, left = _FIRST_PAUSE, self.refresh
        while left > timedelta(0):
            yield min(pause, left).total_seconds()
            left -= pause
            pause = min(2 * pause, _LONGEST_PAUSE)
