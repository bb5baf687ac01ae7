"""Tells the operator when auth-api can no longer be asked, and why; and when it can again."""

import logging
from datetime import timedelta
from typing import Final

from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.client")

# Whoever sends what auth-api cannot answer, and then what it can, fills no log.
_BETWEEN_WARNINGS: Final = timedelta(minutes=1).total_seconds()


class Reachability:
    """Whether the last question was answered. A change is a line of the log, and what goes on is none.

    Args:
        clock: Tells how long ago the last warning was.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_away = False
        self._warned_at: float | None = None

    def lost(self, error: BackendUnavailableError) -> None:
        """Note that a question was left open."""
        now, before = self._clock.unix(), self._warned_at
        if self._is_away or (before is not None and abs(now - before) < _BETWEEN_WARNINGS):
            return
        self._is_away, self._warned_at = True, now
        _log.warning("auth-api cannot be asked, and nobody is let in: %s", error.problem)

    def answered(self) -> None:
        """Note that one was answered."""
        if self._is_away:
            self._is_away = False
            _log.info("auth-api answers again")
