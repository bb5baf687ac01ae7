"""Verifies access tokens: with published keys that are kept, and never by asking for each one."""

from typing import Final

from netscript_auth_core.key_set import KeySet
from netscript_auth_workos.outages import workos_away
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError, TokenRules, read_claims
from netscript_kernel.clock import Clock
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws
from netscript_kernel.jose.keys import Keys

ALGORITHMS: Final = ("RS256",)
_TYPES: Final = frozenset({None, "jwt", "at+jwt"})


class AccessTokens:
    """Access tokens of one client.

    Args:
        keys: Of the environment.
        rules: What a token must be.
        clock: Tells which ones are from the future.
    """

    def __init__(self, keys: KeySet[Keys], rules: TokenRules, clock: Clock) -> None:
        self._keys = keys
        self._rules = rules
        self._clock = clock

    async def verify(self, text: str) -> AccessToken:
        """Return what a token says; its time may be over.

        Raises:
            TokenInvalidError: it is none of ours.
            BackendUnavailableError: there are no keys to tell by.
        """
        jws = _parse(text)
        keys = await self._keys.get()
        if not _is_signed(jws, keys):
            newer = (
                None if _has_key(jws, keys) else await self._keys.refetch_for(lambda it: _is_signed(jws, it))
            )
            if newer is None or not _is_signed(jws, newer):
                raise TokenInvalidError("not signed by a published key")
        return read_claims(jws.claims, self._rules, self._clock.now())

    def verify_now(self, text: str) -> AccessToken:
        """The same by the keys at hand, for callers that cannot wait.

        Raises:
            TokenInvalidError: it is none of ours.
            BackendUnavailableError: the keys at hand cannot tell.
        """
        jws = _parse(text)
        keys = self._keys.held
        if keys is None or not (_is_signed(jws, keys) or _has_key(jws, keys)):
            raise workos_away("the key that signed a token is not at hand yet")
        if not _is_signed(jws, keys):
            raise TokenInvalidError("not signed by a published key")
        return read_claims(jws.claims, self._rules, self._clock.now())


def _parse(text: str) -> Jws:
    try:
        jws = parse_jws(text)
    except JwsError as error:
        raise TokenInvalidError(f"no token: {error}") from None
    if jws.algorithm not in ALGORITHMS or jws.typ not in _TYPES:
        raise TokenInvalidError("another algorithm than RS256, or another type of token")
    return jws


def _is_signed(jws: Jws, keys: Keys) -> bool:
    fitting = (key for key in keys if jws.key_id in {None, key.key_id})
    return any(key.verifies(jws) for key in fitting)


def _has_key(jws: Jws, keys: Keys) -> bool:
    return any(key.key_id == jws.key_id for key in keys)
