"""Renews what comes in cookies, whose refresh tokens anybody may have made up."""

from dataclasses import dataclass, field
from datetime import datetime

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.refusals import Refusals
from netscript_auth_workos.renewal.renewals import Renewals
from netscript_auth_workos.tokens.access_token import AccessToken
from netscript_kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class _Tried:
    refresh_token: str = field(repr=False)
    renewed: IssuedTokens | None = field(repr=False)


class Attempts:
    """Tries one refresh token of a session at a time, and after a refusal none for a minute.

    A refusal counts for the access token that it came with and for older ones. So a token that was lost long
    ago keeps nobody from renewing the session by the newest.

    Args:
        renewals: Spend refresh tokens.
        background: Holds what is under way.
        clock: Tells how long a refusal counts.
    """

    def __init__(self, renewals: Renewals, background: Background, clock: Clock) -> None:
        self._renewals = renewals
        self._flights: SingleFlight[_Tried] = SingleFlight(background)
        self._refused: Refusals[datetime] = Refusals(clock)

    def are_refused(self, token: AccessToken) -> bool:
        """Whether renewing the session by this access token, or a newer one, was refused a moment ago."""
        ended_at = self._refused.of(token.session_id)
        return ended_at is not None and token.expires_at <= ended_at

    async def renew(self, token: AccessToken, refresh_token: str) -> IssuedTokens | None:
        """Return what a refresh token was traded for, or ``None`` where it is worth nothing.

        Args:
            token: The access token that it came with.
            refresh_token: As it came.

        Raises:
            BackendUnavailableError: could not find out; the token may be tried again.
        """
        while not self.are_refused(token):
            tried = await self._flights.run(token.session_id, lambda: self._try(token, refresh_token))
            if tried.refresh_token == refresh_token:
                return tried.renewed
        return None

    async def _try(self, token: AccessToken, refresh_token: str) -> _Tried:
        renewed = await self._renewals.renew(refresh_token)
        if renewed is None and not self.are_refused(token):
            self._refused.note(token.session_id, token.expires_at)
        return _Tried(refresh_token, renewed)
