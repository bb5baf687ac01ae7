"""The keys that sign tokens: made by the service, shared by all workers, rotated by themselves.

Two are there at any time: the one that signs, and the next one. It is published from the moment on at which
it becomes the next, so that whoever keeps the published ones for a while has it before it signs. Earlier ones
are published until everything that they signed has ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import Put
from netscript_plugin_auth.tokens.key_records import SigningKey
from netscript_plugin_auth.tokens.key_schedule import (
    Period,
    current_key,
    missing_periods,
    next_key,
    two_periods,
)
from netscript_plugin_auth.tokens.key_shelf import KeyShelf, name_of

_ATTEMPTS: Final = 10


class SigningKeys:
    """Finds, makes and rotates them.

    Every method raises ``BackendUnavailableError`` when the store does not answer.

    Args:
        shelf: Where they are kept.
        clock: Says which one signs.
        period: How long each signs.
        backend: The active one, for messages.
    """

    def __init__(self, shelf: KeyShelf, clock: Clock, period: timedelta, backend: str) -> None:
        self._shelf = shelf
        self._clock = clock
        self._period = period
        self._backend = backend

    async def current(self) -> SigningKey:
        """Return the key that signs now; it is made if need be, and so is the next one."""
        now = self._clock.now()
        current = current_key(await self._complete(now), now)
        if current is None:
            raise self._gave_up()
        return current

    async def published(self) -> Sequence[SigningKey]:
        """Return the keys by which a token may be verified, in the order in which they sign."""
        now = self._clock.now()
        return [key for key in await self._complete(now) if now < key.record.published_until]

    async def run(self) -> None:
        """Make what is missing (``UpkeepPort``), so that the next key is there although nobody asks."""
        await self._complete(self._clock.now())

    async def rotate(self, *, forgets_earlier: bool = False) -> SigningKey:
        """Let another key sign from now on, and return it.

        Args:
            forgets_earlier: Whether earlier ones are published no more, so that what they signed is refused.
                Then the next one is made anew, too, since it was kept beside them.
        """
        for _ in range(_ATTEMPTS):
            now, shelf = self._clock.now(), await self._shelf.read()
            puts, deletes = self._promoted(shelf.keys, now), list[str]()
            if forgets_earlier:
                puts = self._made(two_periods(now, self._period))
                deletes = [name_of(key.key_id) for key in shelf.keys]
            if await self._shelf.write(shelf, puts, deletes):
                return await self.current()
        raise self._gave_up()

    async def _complete(self, now: datetime) -> Sequence[SigningKey]:
        """Return all keys, once those are made that were missing."""
        for _ in range(_ATTEMPTS):
            shelf = await self._shelf.read()
            missing = missing_periods(shelf.keys, now, self._period)
            if not missing:
                return shelf.keys
            await self._shelf.write(shelf, self._made(missing))
        raise self._gave_up()

    def _promoted(self, keys: Sequence[SigningKey], now: datetime) -> list[Put]:
        """Return the records by which the next key signs at once, and those before it no more."""
        signing = [key.record for key in keys if key.record.signs_from <= now < key.record.signs_until]
        ended = [self._shelf.put(each.model_copy(update={"signs_until": now})) for each in signing]
        coming = next_key(keys, now)
        first, second = two_periods(now, self._period)
        if coming is None:
            return [*ended, *self._made([first, second])]
        times = {"signs_from": first.begin, "signs_until": first.end}
        return [*ended, self._shelf.put(coming.record.model_copy(update=times)), *self._made([second])]

    def _made(self, periods: Sequence[Period]) -> list[Put]:
        return [self._shelf.new(each) for each in periods]

    def _gave_up(self) -> BackendUnavailableError:
        return BackendUnavailableError(self._backend, "other processes change the signing keys all the time")
