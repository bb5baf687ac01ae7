"""Puts tokens together, where the configuration names services that take them."""

from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.extras import require_extras, token_needs
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.tokens.issuer import TokenIssuer
from netscript_plugin_auth.tokens.key_shelf import KeyShelf
from netscript_plugin_auth.tokens.signing_keys import SigningKeys


def key_shelf(
    settings: AuthServiceSettings, store: KvStorePort, keys: SealingKeys, clock: Clock
) -> KeyShelf | None:
    """Return where the keys are that sign tokens; ``None`` where there are no tokens."""
    return KeyShelf(store, keys, clock, settings.backend) if settings.token_audiences else None


def signing_keys(settings: AuthServiceSettings, shelf: KeyShelf, clock: Clock) -> SigningKeys:
    """Return the keys themselves."""
    return SigningKeys(shelf, clock, settings.token_key_period, settings.backend)


def token_issuer(
    settings: AuthServiceSettings, store: KvStorePort, keys: SealingKeys, clock: Clock
) -> TokenIssuer | None:
    """Return what issues tokens; ``None`` where there are none.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    shelf = key_shelf(settings, store, keys, clock)
    if shelf is None:
        return None
    require_extras(token_needs(settings))
    # Why here: it needs the extra, and most services issue no tokens.
    from netscript_plugin_auth.tokens.minting import Minter

    return TokenIssuer(
        settings.public_url,
        settings.token_audiences,
        settings.token_ttl,
        keys=signing_keys(settings, shelf, clock),
        mint=Minter().mint,
        clock=clock,
    )
