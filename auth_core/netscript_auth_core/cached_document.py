"""A remote document that is kept: fresh for an hour or less, and for a day while its source is away."""

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth")

HOUR: Final = timedelta(hours=1)
KEPT: Final = timedelta(hours=24).total_seconds()
# While a source is away and we have its last word, it is asked this often.
RETRY: Final = timedelta(seconds=30).total_seconds()

T = TypeVar("T")


class CachedDocument(Generic[T]):
    """One document, fetched when first asked for; callers at the same time share one fetch.

    Past its time it is fetched before anybody gets it again, so that what its source took out of it, such as
    a key that leaked, counts no longer. Only a source that is known to be away is asked behind the answer:
    one that hangs costs an outage's first callers the time of one fetch, and nobody after them.

    Args:
        fetch: Gets it, or raises ``BackendUnavailableError``.
        clock: Tells its age.
        background: Holds the fetch.
        fresh: For how long it is as good as new.
    """

    def __init__(
        self,
        fetch: Callable[[], Coroutine[Any, Any, T]],
        clock: Clock,
        background: Background,
        fresh: timedelta = HOUR,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._background = background
        self._fresh = fresh.total_seconds()
        self._flights: SingleFlight[T] = SingleFlight(background)
        self._held: T | None = None
        self._fetched_at = 0.0
        # Set while the source is away.
        self._retry_from: float | None = None

    @property
    def held(self) -> T | None:
        """The document as it was last fetched, whatever its age; ``None`` where it never was."""
        return self._held

    async def get(self) -> T:
        """Return the document: a fresh one if it can be had, else one of the last day.

        Raises:
            BackendUnavailableError: it cannot be had, and what we have is too old or nothing.
        """
        now = self._clock.unix()
        held = self._held
        if held is None or now >= self._fetched_at + KEPT:
            return await self.refetch()
        if now < self._fetched_at + self._fresh:
            return held
        if self._retry_from is None:
            return await self._fresh_or(held)
        if now >= self._retry_from:
            self._retry_from = now + RETRY
            self._background.offer(lambda: self._fresh_or(held))
        return held

    async def refetch(self) -> T:
        """Fetch the document now, whatever its age."""
        return await self._flights.run("", self._refetch)

    async def _fresh_or(self, held: T) -> T:
        try:
            return await self.refetch()
        except BackendUnavailableError as error:
            _log.warning("going on with what is known: %s", error)
            return held

    async def _refetch(self) -> T:
        try:
            document = await self._fetch()
        except BackendUnavailableError:
            self._retry_from = self._clock.unix() + RETRY
            raise
        self._held = document
        self._fetched_at = self._clock.unix()
        self._retry_from = None
        return document
