"""What this backend offers with the providers that are configured, and why it offers no more."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig

_NONE: Final = timedelta(0)
_NO_OPENID: Final = {
    Capability.UPSTREAM_LOGOUT: "only OpenID providers send logout tokens, and none is configured",
}
_NO_PROOF: Final = {
    Capability.STEP_UP: "no configured provider can prove when somebody signed in there",
}


def capabilities_with(configs: Iterable[ProviderConfig], revocation_lag: timedelta = _NONE) -> Capabilities:
    """Return what is offered: everything where an OpenID provider is among them that proves its sign-ins.

    Args:
        configs: The providers.
        revocation_lag: For so long an answer may be given without a look at the store.
    """
    chosen = tuple(configs)
    why_not = {
        **({} if any(config.preset.is_openid for config in chosen) else _NO_OPENID),
        **({} if any(config.preset.can_step_up for config in chosen) else _NO_PROOF),
    }
    return Capabilities(
        frozenset(Capability) - why_not.keys(), revocation_lag=revocation_lag, why_not=why_not
    )
