"""Requests to a token endpoint: a code or a refresh token for tokens."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_token_request

from netscript_auth_kv_oauth.preset_schema import ClientAuth
from netscript_auth_kv_oauth.provider_http import ProviderHttp
from netscript_auth_kv_oauth.providers import ProviderConfig
from netscript_auth_kv_oauth.token_response import TokenResponse, read_token_response

# What a server accepts that does not say (OpenID Connect Discovery 1.0 section 3).
_DEFAULT_METHODS: Final = (ClientAuth.BASIC.value,)


class TokenEndpoint:
    """The token endpoint of one provider.

    Every method raises ``TokenRefusedError`` for a refusal, ``BackendUnavailableError`` for no answer (the
    code may be spent then: start over), ``ProviderProtocolError`` for anything else.
    """

    def __init__(self, http: ProviderHttp, config: ProviderConfig) -> None:
        self._http = http
        self._config = config

    async def redeem(
        self, url: str, methods: Sequence[str] | None, *, code: str, verifier: str, redirect_uri: str
    ) -> TokenResponse:
        """Trade an authorization code for tokens.

        Args:
            url: The endpoint.
            methods: Of client authentication, as its metadata has them.
            code: Exactly as it came back.
            verifier: The PKCE verifier, 43 to 128 characters of ``[A-Za-z0-9-._~]``.
            redirect_uri: Exactly as in the authorization request.

        Source: RFC 6749 section 4.1.3; RFC 7636 section 4.5.
        """
        form = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier
        )
        return await self._post(url, methods, form)

    async def refresh(self, url: str, methods: Sequence[str] | None, *, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for new tokens, with the scopes as they were (RFC 6749 section 6)."""
        return await self._post(
            url, methods, prepare_token_request("refresh_token", refresh_token=refresh_token)
        )

    async def _post(self, url: str, methods: Sequence[str] | None, form: str) -> TokenResponse:
        headers, credentials = _credentials(self._config, methods)
        answer = await self._http.post(self._config.id, url, headers, f"{form}&{credentials}".rstrip("&"))
        return read_token_response(self._config.id, answer)


def _credentials(config: ProviderConfig, methods: Sequence[str] | None) -> tuple[dict[str, str], str]:
    """Return headers and form parameters that show who we are (RFC 6749 section 2.3.1)."""
    if config.client_secret is None:
        return {}, urlencode({"client_id": config.client_id})
    secret = config.client_secret.get_secret_value()
    if _method(config, methods) is ClientAuth.POST:
        return {}, urlencode({"client_id": config.client_id, "client_secret": secret})
    pair = f"{quote_plus(config.client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, ""


def _method(config: ProviderConfig, methods: Sequence[str] | None) -> ClientAuth:
    wanted = config.preset.client_auth
    if wanted is not ClientAuth.BY_METADATA:
        return wanted
    offered = methods or _DEFAULT_METHODS
    is_post_only = ClientAuth.BASIC not in offered and ClientAuth.POST in offered
    return ClientAuth.POST if is_post_only else ClientAuth.BASIC
