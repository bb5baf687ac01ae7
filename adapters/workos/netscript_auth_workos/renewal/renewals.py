"""Renews the tokens of a session: one request to WorkOS, however many ask, in however many processes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_workos.api.answers import RefusedError
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.outages import store_outages, workos_away
from netscript_auth_workos.renewal.renewal_records import LEASE, RenewalRecords, Turn
from netscript_kernel.ids import digest

_log = logging.getLogger("netscript.auth.workos")

_FIRST_PAUSE: Final = timedelta(seconds=0.05)
_LONGEST_PAUSE: Final = timedelta(seconds=1)


class RefreshesTokens(Protocol):
    """What is needed of WorkOS."""

    async def refresh(self, refresh_token: str) -> IssuedTokens:
        """Trade a refresh token; see :meth:`WorkOSCalls.refresh`."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one waits for a renewal of another process.

    Attributes:
        total: Altogether.
        sleep: Lets so many seconds pass.
    """

    total: timedelta = LEASE
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    def pauses(self) -> Iterator[float]:
        """Yield the seconds between two looks."""
        pause, left = _FIRST_PAUSE, self.total
        while left > timedelta(0):
            yield min(pause, left).total_seconds()
            left -= pause
            pause = min(2 * pause, _LONGEST_PAUSE)


class Renewals:
    """Spends refresh tokens.

    Args:
        calls: Asks WorkOS.
        records: Shared by all processes.
        background: Holds what is under way: a caller who goes away loses no token.
        patience: With other processes.
    """

    def __init__(
        self, calls: RefreshesTokens, records: RenewalRecords, background: Background, patience: Patience
    ) -> None:
        self._calls = calls
        self._records = records
        self._patience = patience
        self._flights: SingleFlight[IssuedTokens | None] = SingleFlight(background)

    async def renew(self, refresh_token: str) -> IssuedTokens | None:
        """Return what a refresh token was traded for, now or not long ago; see :class:`RenewalRecords`.

        Returns:
            ``None`` where it is worth nothing any more.

        Raises:
            BackendUnavailableError: WorkOS or the store did not answer; the token may be tried again.
        """
        return await self._flights.run(digest("flight", refresh_token), lambda: self._renew(refresh_token))

    async def _renew(self, refresh_token: str) -> IssuedTokens | None:
        for pause in (*self._patience.pauses(), None):
            with store_outages():
                turn = await self._records.take_turn(refresh_token)
            if isinstance(turn, Turn):
                return await self._spend(turn, refresh_token)
            if turn.renewed is not None or turn.is_denied:
                return turn.renewed
            if pause is not None:
                await self._patience.sleep(pause)
        raise workos_away("another process is still waiting for it")

    async def _spend(self, turn: Turn, refresh_token: str) -> IssuedTokens | None:
        try:
            renewed = await self._calls.refresh(refresh_token)
        except RefusedError as error:
            _log.info("a session is not renewed any more: %s", ascii(str(error)))
            with store_outages():
                await self._records.keep_denied(turn)
            return None
        except BackendUnavailableError:
            with store_outages():
                await self._records.give_back(turn)
            raise
        await self._keep(turn, renewed)
        return renewed

    async def _keep(self, turn: Turn, renewed: IssuedTokens) -> None:
        try:
            with store_outages():
                await self._records.keep(turn, renewed)
        except BackendUnavailableError as error:
            # Whoever asked gets it nevertheless; only those who come with the old one meanwhile do not.
            _log.warning("a renewed session could not be shared with parallel requests: %s", error.problem)
