"""What this backend offers with the providers that are configured, and why it offers no more."""

from collections.abc import Iterable
from typing import Final

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig

_NO_OPENID: Final = {
    Capability.UPSTREAM_LOGOUT: "only OpenID providers send logout tokens, and none is configured",
}


def capabilities_with(configs: Iterable[ProviderConfig]) -> Capabilities:
    """Return what is offered: everything where there is an OpenID provider."""
    why_not = {} if any(config.preset.is_openid for config in configs) else _NO_OPENID
    return Capabilities(frozenset(Capability) - why_not.keys(), why_not=why_not)
