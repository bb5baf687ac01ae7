"""Who asks, by a token that the better-auth server signed: nobody else is asked."""

import logging
import re
from typing import Final

from netscript_auth_better_auth.configuration.server_config import TokenRules
from netscript_auth_better_auth.people import People
from netscript_auth_better_auth.tokens.token_claims import TokenClaims, TokenRefusedError, read_claims
from netscript_auth_better_auth.tokens.token_keys import TokenKeys
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_core.upstream_sessions import UpstreamSession, UpstreamSessions
from netscript_kernel.clock import Clock
from netscript_kernel.ids import digest
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws

_log = logging.getLogger("netscript.auth.better_auth")

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class BearerTokens:
    """The tokens part of the port.

    Args:
        keys: Tell whether a token is signed: who signs out by a made-up one would end a stranger's session.
    """

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the token that the request carries; see :meth:`TokensPort.recognise`."""
        found = self.find(request)
        if isinstance(found, Anonymous):
            return found
        if not self._keys.have_signed_now(found):
            return Anonymous(AnonymousReason.SESSION_UNKNOWN)
        return handle_of(found)

    def find(self, request: AuthRequest) -> Jws | Anonymous:
        """Return the token of a request, or why there is none."""
        if len(request.session_tokens) > 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            return Anonymous(AnonymousReason.NO_SESSION)
        try:
            return parse_jws(match[1])
        except JwsError:
            return Anonymous(AnonymousReason.COOKIE_MALFORMED)


class TokenReads:
    """Answers for requests.

    Args:
        rules: What a token has to say.
        tokens: Finds it.
        keys: Tell whether it is signed.
        people: Knows whom it is about.
        known: Gives our user ids.
        clock: Judges every time in it.
    """

    def __init__(
        self,
        rules: TokenRules,
        tokens: BearerTokens,
        keys: TokenKeys,
        people: People,
        known: UpstreamSessions,
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._tokens = tokens
        self._keys = keys
        self._people = people
        self._known = known
        self._clock = clock

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: one signature, one read of the store.

        Raises:
            BackendUnavailableError: the store did not answer, or the server's keys were never to be had.
        """
        jws = self._tokens.find(request)
        if isinstance(jws, Anonymous):
            return jws
        if not await self._keys.have_signed(jws):
            return Anonymous(AnonymousReason.SESSION_UNKNOWN)
        now = self._clock.now()
        try:
            claims = read_claims(jws, self._rules, now)
        except TokenRefusedError as error:
            _log.info("a token of the better-auth server is refused: %s", error)
            return Anonymous(AnonymousReason.SESSION_UNKNOWN)
        if now >= claims.expires_at:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        if claims.user.is_banned(now):
            return Denied(DenialReason.ACCOUNT_DISABLED)
        identity = await self._known.meet(self._session(jws, claims))
        if identity is None:
            return Anonymous(AnonymousReason.SESSION_REVOKED)
        return Authenticated(lambda: identity)

    def _session(self, jws: Jws, claims: TokenClaims) -> UpstreamSession:
        return UpstreamSession(
            handle=handle_of(jws),
            identity=self._people.identity(claims.user),
            created_at=claims.issued_at,
            idle_expires_at=claims.expires_at,
            expires_at=claims.expires_at,
        )


def handle_of(jws: Jws) -> str:
    """Return the handle of a token: of what is signed, since some signatures can be written in two ways."""
    return digest("better-auth token", jws.signed.decode("ascii"))
