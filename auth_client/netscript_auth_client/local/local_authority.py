"""Verifies access tokens here, by the published keys and the feed of revocations: auth-api is not asked."""

from datetime import timedelta
from typing import Final

import httpx

from netscript_auth_client.asgi import Scope
from netscript_auth_client.auth_api import AuthApi
from netscript_auth_client.caller import Nobody, Outcome
from netscript_auth_client.credentials import cut_bearer, find_authorization, read_bearer
from netscript_auth_client.local.revocation_feed import DEFAULT_SILENCE, RevocationFeed
from netscript_auth_client.local.token_cache import TokenCache
from netscript_auth_client.local.token_claims import TokenRules, VerifiedToken
from netscript_auth_client.local.token_verifier import TokenVerifier
from netscript_auth_client.reasons import NobodyReason
from netscript_auth_core.background import Background
from netscript_kernel.clock import Clock, SystemClock

_NO_SESSION: Final = Nobody(NobodyReason.NO_SESSION)
_SESSION_REVOKED: Final = Nobody(NobodyReason.SESSION_REVOKED)


class LocalAuthority:
    """Takes ``Authorization: Bearer`` with a token of ``POST /token``, and no cookie.

    Args:
        url: Where auth-api is reached, such as ``http://127.0.0.1:8094``.
        audience: What this service is called in ``NETSCRIPT_AUTH_TOKEN_AUDIENCES`` of auth-api.
        feed_secret: Of this service, as ``NETSCRIPT_AUTH_SERVICE_CREDENTIALS`` of auth-api names it.
        public_url: What browsers call auth-api, where that is something else: who issues the tokens.
        max_silence: For how long nothing need be heard of the feed.
        http: Instead of our own client; it stays its owner's to close.
        clock: Judges every time.
    """

    def __init__(
        self,
        url: str,
        *,
        audience: str,
        feed_secret: str,
        public_url: str | None = None,
        max_silence: timedelta = DEFAULT_SILENCE,
        http: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        base, issuer = url.rstrip("/"), (public_url or url).rstrip("/")
        self._clock = clock or SystemClock()
        self._api = AuthApi(base, issuer, http)
        self._background = Background()
        self._cache = TokenCache()
        rules = TokenRules(issuer, audience)
        self._tokens = TokenVerifier(self._api, rules, self._clock, self._background, self._cache.clear)
        self._feed = RevocationFeed(self._api, feed_secret, self._clock, max_silence)

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        return self._clock

    async def authenticate(self, scope: Scope) -> Outcome:
        """Find out who sent a request; see :class:`Authority`.

        A token that was verified a moment ago costs a digest and two look-ups: the header is not even parsed.
        """
        header = find_authorization(scope["headers"])
        if not isinstance(header, bytes):
            return header or _NO_SESSION
        now, key = self._clock.unix(), TokenCache.key_of(cut_bearer(header))
        verified = self._cache.get(key, now)
        if verified is None:
            found = await self._verify(header)
            if isinstance(found, Nobody):
                return found
            verified, now = found, self._clock.unix()
            self._cache.put(key, verified)
        if self._feed.has_revoked(verified.session, now):
            return _SESSION_REVOKED
        return verified.caller

    async def start(self) -> None:
        """Begin to listen to revocations. Until they are known, nobody is let in."""
        self._feed.start()

    async def aclose(self) -> None:
        """End that, and close connections."""
        await self._feed.aclose()
        await self._background.drain(timedelta(seconds=1))
        await self._api.aclose()

    async def _verify(self, header: bytes) -> VerifiedToken | Nobody:
        token = read_bearer(header)
        if isinstance(token, bytes):
            return await self._tokens.verify(token.decode("ascii"))
        return token or _NO_SESSION
