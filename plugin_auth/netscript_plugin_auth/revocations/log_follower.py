"""Reads the log of ended sessions again and again, and knows what came to it since the last time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from netscript_auth_core.revocation_log import KEPT_FOR, minute_of, revoked_in
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError
from netscript_kernel.kv.port import KvStorePort

MOST_KNOWN: Final = 1_000_000
"""Sessions of ``KEPT_FOR`` that one process remembers: as many as a service does."""

# Whoever ends a session writes by its own clock, which may be behind ours or ahead of it.
_BEHIND, _AHEAD = 2, 1
_KEPT: Final = int(KEPT_FOR.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that ended.

    Attributes:
        minute: Under which the log has it: the same in every process that reads it.
        handle: Names the session, and lets nobody in.
    """

    minute: int
    handle: str


class TooManyEndedError(NetScriptError):
    """More sessions ended than are remembered; to leave one out would let somebody in."""

    reason: ClassVar[str] = "too_many_revocations"

    def __init__(self) -> None:
        super().__init__("more sessions ended than are remembered")


class LogFollower:
    """The log, as far as tokens of its sessions may still be good.

    Args:
        store: Where the log is.
        clock: Says which minute it is.
        most: How many sessions are remembered.
    """

    def __init__(self, store: KvStorePort, clock: Clock, most: int = MOST_KNOWN) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._known: dict[int, dict[str, None]] = {}
        self._count = 0
        self._read_in: int | None = None

    async def read(self) -> Sequence[Ended]:
        """Return what came to the log since it was read as a whole.

        What was found before a failure is not told later: :meth:`since` has it.

        Raises:
            StoreUnavailableError: some of it could not be read.
            TooManyEndedError: not all of it could be remembered.
        """
        now = minute_of(self._clock.now())
        self._forget_before(now - _KEPT)
        new = [each for minute in self._due(now) async for each in self._new_in(minute)]
        self._read_in = now
        return new

    def since(self, last: int | None) -> Iterator[Ended]:
        """Return all that is known now, earliest minutes first.

        Args:
            last: The minute of the last one that was heard, here or of another process: what was surely heard
                with it is left out.
        """
        first = 0
        if last is not None and last <= minute_of(self._clock.now()) + _AHEAD:
            first = last - _AHEAD - _BEHIND
        kept = [(minute, tuple(self._known[minute])) for minute in sorted(self._known) if minute >= first]
        return (Ended(minute, handle) for minute, handles in kept for handle in handles)

    def _due(self, now: int) -> range:
        """Return the minutes to read: those around now, and all since the last time if that is longer ago."""
        oldest = now - _KEPT
        read_in = oldest if self._read_in is None else self._read_in
        return range(max(oldest, min(read_in, now) - _BEHIND), now + _AHEAD + 1)

    async def _new_in(self, minute: int) -> AsyncIterator[Ended]:
        known = self._known.setdefault(minute, {})
        async for handle in revoked_in(self._store, minute):
            if handle in known:
                continue
            if self._count >= self._most:
                raise TooManyEndedError
            known[handle] = None
            self._count += 1
            yield Ended(minute, handle)

    def _forget_before(self, oldest: int) -> None:
        for minute in [each for each in self._known if each < oldest]:
            self._count -= len(self._known.pop(minute))
