"""Requests to a token endpoint: a code or a refresh token for tokens."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote_plus, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_token_request

from netscript_auth_kv_oauth.made_secrets import ClientSecrets
from netscript_auth_kv_oauth.preset_protocol import ClientAuth, Pkce
from netscript_auth_kv_oauth.provider_config import ProviderConfig
from netscript_auth_kv_oauth.provider_http import FORM, JSON, ProviderHttp
from netscript_auth_kv_oauth.token_response import TokenResponse, read_token_response
from netscript_kernel.clock import Clock

# What a server accepts that does not say (OpenID Connect Discovery 1.0 section 3).
_DEFAULT_METHODS: Final = (ClientAuth.BASIC.value,)


class TokenEndpoint:
    """The token endpoint of one provider.

    Every method raises ``TokenRefusedError`` for a refusal, ``BackendUnavailableError`` for no answer (the
    code may be spent then: start over), ``ProviderProtocolError`` for anything else.
    """

    def __init__(self, http: ProviderHttp, config: ProviderConfig, clock: Clock) -> None:
        self._http = http
        self._config = config
        self._secrets = ClientSecrets(config, clock)

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
        proof = {"code_verifier": verifier} if self._config.preset.pkce is Pkce.S256 else {}
        form = prepare_token_request("authorization_code", redirect_uri=redirect_uri, code=code, **proof)
        return await self._post(url, methods, form)

    async def refresh(self, url: str, methods: Sequence[str] | None, *, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for new tokens, with the scopes as they were (RFC 6749 section 6)."""
        own = self._config.endpoints.refresh
        form = prepare_token_request("refresh_token", refresh_token=refresh_token)
        return await self._post(own or url, methods, form)

    async def _post(self, url: str, methods: Sequence[str] | None, form: str) -> TokenResponse:
        headers, credentials = self._credentials(methods)
        body, content_type = f"{form}&{credentials}".rstrip("&"), FORM
        if self._config.preset.sends_json:
            body, content_type = json.dumps(dict(parse_qsl(body, keep_blank_values=True))), JSON
        answer = await self._http.post(self._config.id, url, headers, body, content_type)
        return read_token_response(self._config.id, answer, self._config.preset.token_response)

    def _credentials(self, methods: Sequence[str] | None) -> tuple[dict[str, str], str]:
        """Return headers and form parameters that show who we are (RFC 6749 section 2.3.1)."""
        client_id, secret = self._config.client_id, self._secrets.current()
        if secret is None:
            return {}, urlencode({"client_id": client_id})
        if self._method(methods) is ClientAuth.POST:
            return {}, urlencode({"client_id": client_id, "client_secret": secret})
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, ""

    def _method(self, methods: Sequence[str] | None) -> ClientAuth:
        wanted = self._config.preset.client_auth
        if wanted is not ClientAuth.BY_METADATA:
            return wanted
        offered = methods or _DEFAULT_METHODS
        is_post_only = ClientAuth.BASIC not in offered and ClientAuth.POST in offered
        return ClientAuth.POST if is_post_only else ClientAuth.BASIC
