"""The signing keys of one issuer: kept, and fetched again for a token that needs a new one."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

from netscript_auth_core.background import Background
from netscript_auth_core.cached_document import HOUR, CachedDocument
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock

COOLDOWN: Final = timedelta(seconds=30)
"""After a refetch that failed, or brought no key for an unknown ``kid``, the next one waits so long."""

K = TypeVar("K")


class KeySet(Generic[K]):
    """The current keys, in whichever form ``fetch`` gives them.

    Args:
        fetch: Gets them, or raises ``BackendUnavailableError``.
        clock: Tells their age.
        background: Holds the fetch.
        fresh: For how long they are as good as new.
        cooldown: For how long a made-up key id keeps the next one from having them fetched.
    """

    def __init__(
        self,
        fetch: Callable[[], Coroutine[Any, Any, K]],
        clock: Clock,
        background: Background,
        fresh: timedelta = HOUR,
        cooldown: timedelta = COOLDOWN,
    ) -> None:
        self._document = CachedDocument(fetch, clock, background, fresh)
        self._clock = clock
        self._cooldown = cooldown.total_seconds()
        self._refetch_from = 0.0
        self._failure: BackendUnavailableError | None = None

    @property
    def held(self) -> K | None:
        """The keys as they were last fetched, without asking anybody; ``None`` where they never were."""
        return self._document.held

    @property
    def wait(self) -> timedelta:
        """How long :meth:`refetch_for` asks nobody from now on."""
        return timedelta(seconds=max(0.0, self._refetch_from - self._clock.unix()))

    async def get(self) -> K:
        """Return the keys, fresh ones if their issuer answers."""
        return await self._document.get()

    async def refetch_for(self, is_wanted: Callable[[K], bool]) -> K | None:
        """Fetch the keys now, because a token needs one that we do not have.

        A fetch that failed, or did not bring it, makes the next one wait, so that made-up key ids cost the
        issuer one request per cooldown. A rotation is followed at once, except within the cooldown after
        such a fetch.

        Returns:
            The keys, or ``None`` while waiting: by the last fetch there is no such key, and a rotation may
            have followed it.

        Raises:
            BackendUnavailableError: they cannot be had, or could not, and the next try is not due yet.
        """
        if left := self.wait:
            self._require_an_answer(left)
            return None
        try:
            keys = await self._document.refetch()
        except BackendUnavailableError as error:
            # Made anew: an error holds the frames that it came through, with the token of whoever asked.
            self._wait(BackendUnavailableError(error.backend, error.problem))
            raise
        if not is_wanted(keys):
            self._wait(None)
        return keys

    def _wait(self, failure: BackendUnavailableError | None) -> None:
        self._failure = failure
        self._refetch_from = self._clock.unix() + self._cooldown

    def _require_an_answer(self, left: timedelta) -> None:
        """Go on if the last fetch got one: "not among them" is known then."""
        if self._failure is not None:
            raise BackendUnavailableError(self._failure.backend, self._failure.problem, left)
