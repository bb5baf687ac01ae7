"""The providers that are known by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from netscript_auth_kv_oauth.preset_schema import OfflineAccess, ProviderPreset

OIDC: Final = ProviderPreset(id="oidc", display_name="OpenID Connect")

# The id token's iss comes with or without the scheme; a refresh token is given for access_type=offline, but
# each time only with prompt=consent; there is no end_session_endpoint.
# https://developers.google.com/identity/openid-connect/openid-connect, November 2026
GOOGLE: Final = ProviderPreset(
    id="google",
    display_name="Google",
    issuer="https://accounts.google.com",
    also_issuers=("accounts.google.com",),
    needs_secret=True,
    offline=OfflineAccess(sends_scope=False, parameters=(("access_type", "offline"), ("prompt", "consent"))),
    algorithms=("RS256",),
)

PRESETS: Final[Mapping[str, ProviderPreset]] = MappingProxyType(
    {preset.id: preset for preset in (GOOGLE, OIDC)}
)
