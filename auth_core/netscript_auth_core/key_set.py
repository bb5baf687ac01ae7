"""The signing keys of one issuer: kept, and fetched again for a token that needs a new one."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

from netscript_auth_core.background import Background
from netscript_auth_core.cached_document import CachedDocument
from netscript_kernel.clock import Clock

# After a refetch that brought no key for an unknown "kid", the next one waits so long.
COOLDOWN: Final = timedelta(seconds=30).total_seconds()

K = TypeVar("K")


class KeySet(Generic[K]):
    """The current keys, in whichever form ``fetch`` gives them.

    Args:
        fetch: Gets them, or raises ``BackendUnavailableError``.
        clock: Tells their age.
        background: Holds the fetch.
    """

    def __init__(
        self, fetch: Callable[[], Coroutine[Any, Any, K]], clock: Clock, background: Background
    ) -> None:
        self._document = CachedDocument(fetch, clock, background)
        self._clock = clock
        self._refetch_from = 0.0

    @property
    def held(self) -> K | None:
        """The keys as they were last fetched, without asking anybody; ``None`` where they never were."""
        return self._document.held

    async def get(self) -> K:
        """Return the keys, fetched within the last hour if their issuer answers."""
        return await self._document.get()

    async def refetch_for(self, is_wanted: Callable[[K], bool]) -> K | None:
        """Fetch the keys now, because a token needs one that we do not have.

        A fetch that did not bring it makes the next one wait, so that made-up key ids cost the issuer one
        request per cooldown. A rotation is followed at once, except within the cooldown after such a fetch.

        Returns:
            The keys, or ``None`` while waiting.
        """
        if self._clock.unix() < self._refetch_from:
            return None
        keys = await self._document.refetch()
        if not is_wanted(keys):
            self._refetch_from = self._clock.unix() + COOLDOWN
        return keys
