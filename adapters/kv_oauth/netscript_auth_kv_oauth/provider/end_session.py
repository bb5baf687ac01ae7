"""Where a browser is signed out at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2)."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig

# Longer addresses do not pass through every proxy; without the hint, the provider asks the person.
MOST_CHARACTERS: Final = 8000
_RETURN_PARAMETER: Final = "post_logout_redirect_uri"


def end_session_url(
    endpoint: str, config: ProviderConfig, id_token: str | None, return_to: str, state: str
) -> str:
    """Return the address to send the browser to.

    Args:
        endpoint: Of the provider's metadata, or its preset.
        config: Our registration there.
        id_token: The last one of the session, as the hint whose session is meant.
        return_to: Our address, registered there as one to come back to after signing out.
        state: What comes back with the browser.
    """
    own = config.preset.end_session
    return_parameter = own.return_parameter if own is not None else _RETURN_PARAMETER
    asked = {"client_id": config.client_id, return_parameter: return_to, "state": state}
    hint = {} if id_token is None else {"id_token_hint": id_token}
    whole = _with_query(endpoint, {**hint, **asked})
    return whole if len(whole) <= MOST_CHARACTERS else _with_query(endpoint, asked)


def _with_query(endpoint: str, parameters: dict[str, str]) -> str:
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"
