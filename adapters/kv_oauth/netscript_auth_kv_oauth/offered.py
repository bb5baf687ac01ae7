"""What this backend offers with the providers that are configured, and why it offers no more."""

from collections.abc import Iterable
from typing import Final

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig

_NO_OPENID: Final = {
    Capability.UPSTREAM_LOGOUT: "only OpenID providers send logout tokens, and none is configured",
}
_NO_PROOF: Final = {
    Capability.STEP_UP: "no configured provider can prove when somebody signed in there",
}


def capabilities_with(configs: Iterable[ProviderConfig]) -> Capabilities:
    """Return what is offered: everything where an OpenID provider is among them that proves its sign-ins."""
    chosen = tuple(configs)
    why_not = {
        **({} if any(config.preset.is_openid for config in chosen) else _NO_OPENID),
        **({} if any(config.preset.can_step_up for config in chosen) else _NO_PROOF),
    }
    return Capabilities(frozenset(Capability) - why_not.keys(), why_not=why_not)
