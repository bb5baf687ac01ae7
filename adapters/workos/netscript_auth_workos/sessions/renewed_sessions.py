"""A session whose access token is over: renewed by the refresh token of its cookie, which is set anew."""

import logging
from typing import Final

from netscript_auth_core.ports import Anonymous, Authenticated, Denied, Identity, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.renewal.attempts import Attempts
from netscript_auth_workos.seals.session_data import SessionData
from netscript_auth_workos.sessions.listings import Listings
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.renewed_cookies import RenewedCookies
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.workos")

# A successor may be over too, for whoever still sends the cookie before it.
_MOST_STEPS: Final = 3


class RenewedSessions:
    """Renews sessions that were met.

    A refresh token is good once. So nothing is renewed before all else is known, and a renewed cookie goes
    back whatever becomes of the request.

    Args:
        attempts: Spend refresh tokens.
        tokens: Judge what they are traded for.
        met: Notes the renewed session.
        cookies: Write the new cookie.
        listings: Ask whether a session that is not renewed goes on elsewhere.
        kept: Remembers that it does not.
        clock: Tells which tokens are over.
    """

    def __init__(
        self,
        attempts: Attempts,
        tokens: AccessTokens,
        met: MetSessions,
        cookies: RenewedCookies,
        listings: Listings,
        kept: UpstreamSessions,
        clock: Clock,
    ) -> None:
        self._attempts = attempts
        self._tokens = tokens
        self._met = met
        self._cookies = cookies
        self._listings = listings
        self._kept = kept
        self._clock = clock

    async def outcome(self, old: AccessToken, data: SessionData, known: Identity) -> Outcome:
        """Return who asks with a cookie whose token is over.

        Args:
            old: The token that is over.
            data: The cookie.
            known: The session, which has not ended as far as anybody knows.

        Raises:
            BackendUnavailableError: could not find out; the cookie is as good as before.
        """
        if self._attempts.are_refused(old):
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        for _ in range(_MOST_STEPS):
            new = await self._attempts.renew(old, data.refresh_token or "")
            if new is None:
                return await self._denied(old)
            data = data.renewed(new.access_token, new.refresh_token, new.user)
            try:
                token = await self._tokens.verify(new.access_token)
            except TokenInvalidError as error:
                _log.error("WorkOS renewed a session by a token that is not ours: %s", error)
                break
            if not _is_of(token, new, old):
                _log.info("a cookie was refused whose two tokens are not of one session")
                return Anonymous(AnonymousReason.TOKEN_INVALID)
            if not token.is_over(self._clock.now()):
                return await self._renewed(known, token, data, new)
        line = self._cookies.line(data, known.session.expires_at)
        return Anonymous(AnonymousReason.TOKEN_INVALID, cookies=(line,))

    async def _renewed(
        self, known: Identity, token: AccessToken, data: SessionData, new: IssuedTokens
    ) -> Outcome:
        if token.is_impersonated:
            line = self._cookies.line(data, known.session.expires_at)
            return Denied(DenialReason.IMPERSONATION, cookies=(line,))
        identity = await self._met.renewed(known, token, new.user)
        if isinstance(identity, Anonymous):
            return Anonymous(identity.reason, cookies=(self._cookies.removal(),))
        line = self._cookies.line(data, identity.session.expires_at)
        return Authenticated(lambda: identity, cookies=(line,))

    async def _denied(self, old: AccessToken) -> Anonymous:
        """Tell an old cookie from a session that is over.

        A refresh token is good once. Where the application itself, or another instance, has spent this one,
        the session goes on for whoever has the newer cookie.
        """
        if await self._listings.find(old) is not None:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        await self._kept.end(old.session_id)
        return Anonymous(AnonymousReason.SESSION_REVOKED, cookies=(self._cookies.removal(),))


def _is_of(token: AccessToken, new: IssuedTokens, old: AccessToken) -> bool:
    """Whether a renewal is of the session that was to be renewed, and of its person."""
    is_same = (token.session_id, token.subject) == (old.session_id, old.subject)
    return is_same and new.user.get("id") == old.subject
