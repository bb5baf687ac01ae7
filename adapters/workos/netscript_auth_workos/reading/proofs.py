"""From what a request carries to a token that WorkOS signed for us, still good or to be renewed."""

import logging
from dataclasses import dataclass, field

from netscript_auth_core.ports import Anonymous
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.reading.presented import Presented
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealRefusedError, SessionData
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.workos")


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows who asks.

    Attributes:
        token: Verified.
        data: The opened cookie, where it came in one.
        is_due: Whether the token is over: it lets nobody in before it is renewed by the cookie.
    """

    token: AccessToken
    data: SessionData | None = field(default=None, repr=False)
    is_due: bool = False

    @property
    def is_impersonated(self) -> bool:
        """Whether somebody of the dashboard acts as the person."""
        return self.token.is_impersonated or (self.data is not None and self.data.is_impersonated)


class Proofs:
    """Judges what requests carry.

    Args:
        tokens: Says whose a token is.
        seals: Open the application's cookies.
        clock: Tells which tokens are over.
    """

    def __init__(self, tokens: AccessTokens, seals: CookieSeals, clock: Clock) -> None:
        self._tokens = tokens
        self._seals = seals
        self._clock = clock

    async def of(self, found: Presented) -> Proof | Anonymous:
        """Return the proof, or why it is none.

        Raises:
            BackendUnavailableError: could not find out.
        """
        try:
            return await self._of(found)
        except SealRefusedError as error:
            _log.info("a session cookie was refused: %s", error.problem)
            return Anonymous(error.reason)
        except TokenInvalidError as error:
            _log.info("an access token was refused: %s", error)
            return Anonymous(AnonymousReason.TOKEN_INVALID)

    async def _of(self, found: Presented) -> Proof | Anonymous:
        bearer = await self._tokens.verify(found.bearer) if found.bearer is not None else None
        if found.cookie is None:
            return self._of_bearer(bearer)
        data = self._seals.open(found.cookie)
        token = await self._tokens.verify(data.access_token)
        if bearer is not None and bearer.session_id != token.session_id:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        if data.user is not None and data.user.get("id") not in (None, token.subject):
            raise TokenInvalidError("a cookie with the token of one person and the name of another")
        is_due = token.is_over(self._clock.now())
        if is_due and data.refresh_token is None:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        return Proof(token, data, is_due)

    def _of_bearer(self, token: AccessToken | None) -> Proof | Anonymous:
        if token is None:
            return Anonymous(AnonymousReason.NO_SESSION)
        return (
            Anonymous(AnonymousReason.SESSION_EXPIRED) if token.is_over(self._clock.now()) else Proof(token)
        )
