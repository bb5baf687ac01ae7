"""Reads the log of ended sessions again and again, and knows what came to it since the last time."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from netscript_auth_core.revocation_log import KEPT_FOR, SPAN, revoked_in, span_of
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError
from netscript_kernel.kv.port import KvStorePort

MOST_KNOWN: Final = 1_000_000
"""Sessions of ``KEPT_FOR`` that one process remembers: as many as a service does."""

TURNS: Final = 13
"""Once in so many readings each span is read that may still grow. Those of right now are read each time."""

# In spans. Whoever ends a session writes by its own clock, which may be two minutes behind ours, or one
# ahead; half a minute more is for what was written just in time, and waits for its turn.
_BEHIND, _AHEAD, _NEAR = 30, 12, 1
_KEPT: Final = KEPT_FOR // SPAN


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that ended.

    Attributes:
        span: Under which the log has it: the same in every process that reads it.
        handle: Names the session, and lets nobody in.
    """

    span: int
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
        clock: Says which span it is.
        most: How many sessions are remembered.
    """

    def __init__(self, store: KvStorePort, clock: Clock, most: int = MOST_KNOWN) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._known: dict[int, dict[str, None]] = {}
        self._count = 0
        self._read_in: int | None = None
        self._has_all = False
        self._turn = 0

    async def read(self) -> Sequence[Ended]:
        """Return what came to the log since it was read as a whole.

        Where a writer's clock is more than a few seconds off, it may be some readings late.

        What was found before a failure is not told later: :meth:`since` has it.

        Raises:
            StoreUnavailableError: some of it could not be read.
            TooManyEndedError: not all of it could be remembered.
        """
        now = span_of(self._clock.now())
        self._forget_before(now - _KEPT)
        due, self._has_all = self._due(now), False
        new = [each for span in due async for each in self._new_in(span)]
        self._read_in, self._has_all = now, True
        return new

    def since(self, last: int | None) -> Iterator[Ended]:
        """Return all that is known now, earliest spans first.

        Args:
            last: The span of the last one that was heard, here or of another process: what was surely heard
                with it is left out.
        """
        first = 0
        if last is not None and last <= span_of(self._clock.now()) + _AHEAD:
            first = last - _AHEAD - _BEHIND
        kept = [(span, tuple(self._known[span])) for span in sorted(self._known) if span >= first]
        return (Ended(span, handle) for span, handles in kept for handle in handles)

    def _due(self, now: int) -> Sequence[int]:
        """Return the spans to read: those of now, and of those around them the ones whose turn it is.

        After a failure, a pause or a change of the clock it is all of them, and all since the last time.
        """
        oldest = now - _KEPT
        read_in = oldest if self._read_in is None else self._read_in
        around = range(max(oldest, min(read_in, now) - _BEHIND), now + _AHEAD + 1)
        if not (self._has_all and 0 <= now - read_in <= _NEAR):
            return around
        self._turn = (self._turn + 1) % TURNS
        return [each for each in around if abs(each - now) <= _NEAR or each % TURNS == self._turn]

    async def _new_in(self, span: int) -> AsyncIterator[Ended]:
        known = self._known.setdefault(span, {})
        async for handle in revoked_in(self._store, span):
            if handle in known:
                continue
            if self._count >= self._most:
                raise TooManyEndedError
            known[handle] = None
            self._count += 1
            yield Ended(span, handle)

    def _forget_before(self, oldest: int) -> None:
        for span in [each for each in self._known if each < oldest]:
            self._count -= len(self._known.pop(span))
