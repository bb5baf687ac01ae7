"""Refreshes what a provider granted when a session is used: behind the response, which never waits for it."""

import logging
from functools import partial

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_kv_oauth.grants.refresh_attempts import RefreshAttempts
from netscript_auth_kv_oauth.patience import Patience
from netscript_kernel.errors import NetScriptError

_log = logging.getLogger("netscript.auth.kv_oauth")


class LazyRefreshes:
    """Refreshes grants that are due, so that one which has ended ends its session for the next read.

    Args:
        attempts: Makes them: one a minute for each session, over all processes.
        background: Holds them.
        patience: How many may wait for their providers.
    """

    def __init__(self, attempts: RefreshAttempts, background: Background, patience: Patience) -> None:
        self._attempts = attempts
        self._background = background
        self._most = patience.most_refreshes
        self._under_way: set[str] = set()

    def note(self, handle: str) -> None:
        """Refresh the grant of a session behind the response that is being given.

        Left out while that is being done already, or too much else is: a later use asks again.
        """
        if handle in self._under_way or len(self._under_way) >= self._most:
            return
        self._under_way.add(handle)
        if not self._background.offer(partial(self._refresh, handle)):
            self._under_way.discard(handle)

    async def _refresh(self, handle: str) -> None:
        try:
            await self._attempts.make(handle, lazily=True)
        except SessionEndedError as error:
            _log.debug("a session ended instead of being refreshed: %s", error.cause.value)
        except BackendUnavailableError as error:
            _log.info("not refreshed, to be tried again: %s", error.problem)
        except NetScriptError as error:
            _log.warning("a session could not be refreshed: %s", error)
        finally:
            self._under_way.discard(handle)
