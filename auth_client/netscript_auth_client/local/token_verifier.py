"""Verifies access tokens by the keys that auth-api publishes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from netscript_auth_client.auth_api import AuthApi, auth_api_away
from netscript_auth_client.caller import Nobody
from netscript_auth_client.local.token_claims import (
    LEEWAY,
    MisdirectedTokenError,
    TokenRefusedError,
    TokenRules,
    VerifiedToken,
    read_claims,
)
from netscript_auth_client.reasons import NobodyReason
from netscript_auth_core.background import Background
from netscript_auth_core.key_set import KeySet
from netscript_kernel.clock import Clock
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws
from netscript_kernel.jose.keys import Keys, VerificationKey, read_key_set

_log = logging.getLogger("netscript.auth.client")

_ALGORITHM: Final = "ES256"
_PATH: Final = "/.well-known/jwks.json"
_OK: Final = 200
# Twice this after a key was withdrawn, since it leaked, nothing that it signed is believed any more: the keys
# may be as old as that, and so may what was verified by them. auth-api promises its operator five minutes.
_FRESH: Final = timedelta(minutes=2, seconds=30)
# A made-up key id costs auth-api a request in so long, and a new key is not waited for any longer.
_COOLDOWN: Final = timedelta(seconds=5)
_MOST_WARNINGS: Final = 10


class TokenVerifier:
    """Tells whose a token is.

    Args:
        api: Publishes the keys.
        rules: What a token has to say.
        clock: Judges every time in it, and the age of the keys.
        background: Holds what is fetched.
        on_new_keys: Called when keys were fetched: what was verified by earlier ones is to be verified anew.
    """

    def __init__(
        self,
        api: AuthApi,
        rules: TokenRules,
        clock: Clock,
        background: Background,
        on_new_keys: Callable[[], None],
    ) -> None:
        self._api = api
        self._rules = rules
        self._clock = clock
        self._on_new_keys = on_new_keys
        self._asked_at = 0.0
        self._warned: set[str] = set()
        self._keys: KeySet[Keys] = KeySet(self._fetch, clock, background, _FRESH, _COOLDOWN)

    async def verify(self, token: str) -> VerifiedToken | Nobody:
        """Return what a token says and until when, unless it is verified anew, or why it lets nobody in.

        Raises:
            BackendUnavailableError: the keys cannot be had, or not yet anew for a token of an unknown one.
        """
        try:
            jws = parse_jws(token)
        except JwsError:
            return Nobody(NobodyReason.TOKEN_INVALID)
        if not await self._is_signed(jws):
            return Nobody(NobodyReason.TOKEN_INVALID)
        now = self._clock.unix()
        try:
            verified = read_claims(jws, self._rules, now)
        except TokenRefusedError as error:
            self._tell(error)
            return Nobody(NobodyReason.TOKEN_INVALID)
        if now >= verified.ends_at:
            return Nobody(NobodyReason.TOKEN_EXPIRED)
        return replace(verified, ends_at=min(verified.ends_at, now + _FRESH.total_seconds()))

    def _tell(self, error: TokenRefusedError) -> None:
        """Warn once of what is probably configured wrongly: such tokens come again and again."""
        why = str(error)
        is_new = why not in self._warned and len(self._warned) < _MOST_WARNINGS
        if isinstance(error, MisdirectedTokenError) and is_new:
            self._warned.add(why)
            _log.warning("an access token is refused: %s", why)
        else:
            _log.info("an access token is refused: %s", why)

    async def _is_signed(self, jws: Jws) -> bool:
        if jws.algorithm != _ALGORITHM or jws.key_id is None:
            return False
        keys = _of_id(await self._keys.get(), jws.key_id)
        if not keys:
            newer = await self._keys.refetch_for(lambda found: bool(_of_id(found, jws.key_id)))
            if newer is None and self._may_need_newer_keys(jws):
                raise auth_api_away("it may have newer keys than a moment ago", self._keys.wait)
            keys = _of_id(newer or (), jws.key_id)
        # Two different keys of one id: whose signature it is cannot be told.
        return len({key.thumbprint for key in keys}) == 1 and keys[0].verifies(jws)

    def _may_need_newer_keys(self, jws: Jws) -> bool:
        """Whether a token says that it is newer than our keys. One from before needs one of those."""
        issued_at = jws.claims.get("iat")
        return isinstance(issued_at, int) and issued_at + LEEWAY >= self._asked_at

    async def _fetch(self) -> Keys:
        asked_at = self._clock.unix()
        answer = await self._api.get(_PATH)
        document = answer.json() or answer.json("application/jwk-set+json")
        if answer.status != _OK or document is None:
            raise auth_api_away(f"{_PATH} answered {answer.status} and no keys: does it offer tokens?")
        keys = read_key_set(document, (_ALGORITHM,))
        if not keys:
            raise auth_api_away(f"it publishes no key for {_ALGORITHM}")
        self._asked_at = asked_at
        self._on_new_keys()
        return keys


def _of_id(keys: Keys, key_id: str | None) -> list[VerificationKey]:
    return [key for key in keys if key.key_id == key_id]
