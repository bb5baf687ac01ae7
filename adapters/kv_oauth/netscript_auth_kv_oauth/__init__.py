"""kv-oauth: interactive OAuth 2.0 and OpenID Connect sign-in, with sessions in a key-value store.

::

    backend = create_kv_oauth_backend(
        providers.google(client_id=..., client_secret=..., redirect_uri="https://auth.acme.example/callback")
    )

The service finds it as the entry point ``kv-oauth`` and configures it by ``NETSCRIPT_AUTH_*``.
"""

from netscript_auth_kv_oauth import providers
from netscript_auth_kv_oauth.backend import KvOAuthBackend
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.configuration.settings import KvOAuthSettings
from netscript_auth_kv_oauth.opening import create_kv_oauth_backend, definition, open_backend

__all__ = [
    "KvOAuthBackend",
    "KvOAuthSettings",
    "ProviderConfig",
    "create_kv_oauth_backend",
    "definition",
    "open_backend",
    "providers",
]
