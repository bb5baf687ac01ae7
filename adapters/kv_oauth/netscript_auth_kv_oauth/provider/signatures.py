"""Whether a token carries the signature of a provider."""

from netscript_auth_core.cached_document import CachedDocument
from netscript_auth_core.key_set import KeySet
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.provider.discovery import ProviderMetadata, fetch_document
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_auth_kv_oauth.provider.tenant_rules import TenantRule
from netscript_kernel.jose.jws import Jws
from netscript_kernel.jose.keys import Keys, read_key_set


class Signatures:
    """Verifies tokens by the published keys of one provider.

    Args:
        keys: Its signing keys. Their cooldown is shared by all that is verified here.
    """

    def __init__(self, keys: KeySet[Keys]) -> None:
        self._keys = keys

    async def is_good(self, jws: Jws, tenants: TenantRule | None) -> bool:
        """Whether one of the keys made the signature; a key id that is not known has them fetched again.

        Raises:
            BackendUnavailableError: the keys cannot be had.
        """
        keys = await self._keys.get()
        if _is_verified(jws, keys, tenants):
            return True
        if jws.key_id is not None and _has_key(jws, keys):
            return False
        newer = await self._keys.refetch_for(lambda found: _is_verified(jws, found, tenants))
        return newer is not None and _is_verified(jws, newer, tenants)


def accepted_algorithms(config: ProviderConfig, metadata: ProviderMetadata) -> frozenset[str]:
    """Return what may sign: of what we take from this provider, what it announces."""
    accepted = frozenset(config.preset.id_token.algorithms)
    announced = metadata.id_token_signing_alg_values_supported
    return accepted if announced is None else accepted.intersection(announced)


async def fetch_keys(
    http: ProviderHttp, config: ProviderConfig, metadata: CachedDocument[ProviderMetadata]
) -> Keys:
    """Fetch the keys of a provider.

    Raises:
        BackendUnavailableError: they cannot be had.
    """
    url = (await metadata.get()).jwks_uri or ""
    document = await fetch_document(http, config.id, url, "key set")
    return read_key_set(document, config.preset.id_token.algorithms)


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
