"""The address at the provider that a sign-in begins with (RFC 6749 section 4.1.1)."""

from collections.abc import Callable
from typing import Final, cast

from authlib.oauth2.rfc6749.parameters import (
    prepare_grant_uri,  # pyright: ignore[reportUnknownVariableType]  # the stubs leave out what it returns
)
from authlib.oauth2.rfc7636 import (
    create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType]  # likewise
)

from netscript_auth_kv_oauth.providers import OFFLINE_ACCESS, ProviderConfig
from netscript_auth_kv_oauth.transactions import FlowSecrets

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
    return _prepare(
        endpoint,
        config.client_id,
        "code",
        redirect_uri=config.redirect_uri,
        scope=[each for each in scopes if each != OFFLINE_ACCESS or preset.offline.sends_scope],
        state=state,
        nonce=secrets.nonce,
        code_challenge=_challenge(secrets.verifier),
        code_challenge_method="S256",
        login_hint=login_hint,
        **dict(preset.extra_authorize),
        **dict(preset.offline.parameters if OFFLINE_ACCESS in scopes else ()),
    )
