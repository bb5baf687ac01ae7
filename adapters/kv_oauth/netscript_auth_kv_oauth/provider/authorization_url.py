"""The address at the provider that a sign-in begins with (RFC 6749 section 4.1.1)."""

from collections.abc import Callable
from typing import Final, cast

from authlib.oauth2.rfc6749.parameters import (
    prepare_grant_uri,  # pyright: ignore[reportUnknownVariableType]  # the stubs leave out what it returns
)
from authlib.oauth2.rfc7636 import (
    create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType]  # likewise
)

from netscript_auth_core.flows.transactions import FlowSecrets
from netscript_auth_kv_oauth.configuration.provider_config import OFFLINE_ACCESS, ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import Nonce, Pkce, RefreshTokens
from netscript_auth_kv_oauth.presets.schema import ProviderPreset

_prepare: Final = cast("Callable[..., str]", prepare_grant_uri)
_challenge: Final = cast("Callable[[str], str]", create_s256_code_challenge)


def authorization_url(
    endpoint: str,
    config: ProviderConfig,
    *,
    state: str,
    secrets: FlowSecrets,
    scopes: tuple[str, ...],
    login_hint: str | None,
) -> str:
    """Return where to send the browser.

    PKCE is S256 whatever the metadata says: a server that does not know it ignores it (RFC 7636 section 5).
    """
    preset = config.preset
    offline = preset.offline.parameters if _asks_for_refresh(preset, scopes) else {}
    parameters = {
        "redirect_uri": config.redirect_uri,
        "scope": preset.scope_separator.join(_scopes(preset, scopes)),
        "state": state,
        "nonce": secrets.nonce if preset.nonce_rule is not Nonce.NOT_SENT else None,
        "response_mode": preset.response_mode,
        "login_hint": login_hint,
        **(_proof(secrets.verifier) if preset.pkce is Pkce.S256 else {}),
        **preset.extra_authorize,
        **offline,
        # Last: nothing of a preset takes its place.
        "max_age": str(secrets.max_age) if secrets.max_age is not None else None,
    }
    return _prepare(endpoint, config.client_id, "code", **parameters)


def _asks_for_refresh(preset: ProviderPreset, scopes: tuple[str, ...]) -> bool:
    return OFFLINE_ACCESS in scopes and preset.offline.given is RefreshTokens.ON_REQUEST


def _scopes(preset: ProviderPreset, scopes: tuple[str, ...]) -> list[str]:
    own = preset.offline.scope if _asks_for_refresh(preset, scopes) else None
    named = [own if scope == OFFLINE_ACCESS else scope for scope in scopes]
    return list(dict.fromkeys(scope for scope in named if scope))


def _proof(verifier: str) -> dict[str, str]:
    return {"code_challenge": _challenge(verifier), "code_challenge_method": Pkce.S256}
