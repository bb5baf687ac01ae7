"""From what a request carries to a token that is good now, renewed where it has to be."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import Anonymous, ended_at
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.reading.presented import Presented
from netscript_auth_workos.renewal.renewals import Renewals
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealRefusedError, SessionData
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.workos")

WHY_OVER: Final = {
    SessionState.EXPIRED: AnonymousReason.SESSION_EXPIRED,
    SessionState.REVOKED: AnonymousReason.SESSION_REVOKED,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody whom WorkOS vouches for now.

    Attributes:
        token: Verified, and not over.
        data: The opened cookie, with renewed tokens where it was renewed.
        is_renewed: Whether the browser has to be given a new cookie.
    """

    token: AccessToken
    data: SessionData | None = field(default=None, repr=False)
    is_renewed: bool = False


class Proofs:
    """Judges what requests carry."""

    def __init__(
        self,
        tokens: AccessTokens,
        seals: CookieSeals,
        renewals: Renewals,
        calls: WorkOSCalls,
        sessions: UpstreamSessions,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._seals = seals
        self._renewals = renewals
        self._calls = calls
        self._sessions = sessions
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
        return Proof(token, data) if self._is_good(token) else await self._renewed(token, data)

    def _of_bearer(self, token: AccessToken | None) -> Proof | Anonymous:
        if token is None:
            return Anonymous(AnonymousReason.NO_SESSION)
        return Proof(token) if self._is_good(token) else Anonymous(AnonymousReason.SESSION_EXPIRED)

    async def _renewed(self, old: AccessToken, data: SessionData) -> Proof | Anonymous:
        session = await self._sessions.get(old.session_id)
        if session is not None and session.state is not SessionState.ACTIVE:
            return Anonymous(WHY_OVER[session.state])
        if data.refresh_token is None:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        new = await self._renewals.renew(data.refresh_token)
        if new is None:
            return await self._denied(old, ended_at(session) if session is not None else None)
        token = await self._tokens.verify(new.access_token)
        if (token.session_id, token.subject) != (old.session_id, old.subject) or not self._is_good(token):
            raise TokenInvalidError("a cookie whose two tokens are not of one session")
        return Proof(token, data.renewed(new.access_token, new.refresh_token, new.user), is_renewed=True)

    async def _denied(self, old: AccessToken, ends_at: datetime | None) -> Anonymous:
        """Tell an old cookie from a session that is over.

        A refresh token is good once. Where the application itself, or another instance, has spent this one,
        the session goes on for whoever has the newer cookie.
        """
        if any(each.id == old.session_id for each in await self._calls.sessions(old.subject)):
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        if ends_at is None or self._clock.now() >= ends_at:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        await self._sessions.end(old.session_id)
        return Anonymous(AnonymousReason.SESSION_REVOKED)

    def _is_good(self, token: AccessToken) -> bool:
        return self._clock.now() < token.expires_at
