"""Id tokens: verified by the provider's keys, then held against what they must say."""

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider.id_token_claims import Wanted, check_claims
from netscript_auth_kv_oauth.provider.tenant_rules import TenantRule
from netscript_kernel.jose.jws import Jws, JwsError, parse_jws
from netscript_kernel.jose.keys import Keys


class IdTokens:
    """Reads the id tokens of one provider.

    Args:
        keys: Its signing keys.
    """

    def __init__(self, keys: KeySet[Keys]) -> None:
        self._keys = keys

    async def read(self, token: str, algorithms: frozenset[str], wanted: Wanted) -> Jws:
        """Return a token that is the provider's, for us and for this flow.

        Args:
            token: Compact JWS.
            algorithms: What may have signed it.
            wanted: What it must say.

        Raises:
            FlowRefusedError: it is not.
            BackendUnavailableError: the keys cannot be had.
        """
        try:
            jws = parse_jws(token)
        except JwsError as error:
            raise _refusal(wanted, "a compact JWS", str(error)) from None
        if jws.algorithm not in algorithms:
            raise _refusal(wanted, f"alg of {' '.join(sorted(algorithms))}", jws.algorithm)
        if not await self._is_signed(jws, wanted.tenants):
            raise _refusal(wanted, "a signature by a published key", f"kid {jws.key_id}")
        check_claims(jws, wanted)
        return jws

    async def _is_signed(self, jws: Jws, tenants: TenantRule | None) -> bool:
        keys = await self._keys.get()
        if _is_verified(jws, keys, tenants):
            return True
        if jws.key_id is not None and _has_key(jws, keys):
            return False
        newer = await self._keys.refetch_for(lambda found: _is_verified(jws, found, tenants))
        return newer is not None and _is_verified(jws, newer, tenants)


def _is_verified(jws: Jws, keys: Keys, tenants: TenantRule | None) -> bool:
    """Whether exactly one of the keys that may have signed did; a key that is listed twice is one key."""
    fitting = [
        key
        for key in keys
        if jws.algorithm in key.algorithms
        and jws.key_id in {None, key.key_id}
        and (tenants is None or tenants.accepts_key(key.issuer, jws.claims))
    ]
    return len({key.thumbprint for key in fitting if key.verifies(jws)}) == 1


def _has_key(jws: Jws, keys: Keys) -> bool:
    return any(key.key_id == jws.key_id for key in keys)


def _refusal(wanted: Wanted, expected: str, seen: str) -> FlowRefusedError:
    return FlowRefusedError(
        FlowReason.ID_TOKEN_INVALID, expected=expected, seen=ascii(seen), provider_id=wanted.provider_id
    )
