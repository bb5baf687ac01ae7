"""Requests to a token endpoint: a code or a refresh token for tokens."""

from collections.abc import Sequence

from authlib.oauth2.rfc6749.parameters import prepare_token_request

from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.protocol import Pkce
from netscript_auth_kv_oauth.provider.client_requests import ClientRequests
from netscript_auth_kv_oauth.provider.provider_http import UnreadableAnswerError
from netscript_auth_kv_oauth.provider.refusals import UnusableTokensError
from netscript_auth_kv_oauth.provider.token_response import TokenResponse, read_token_response


class TokenEndpoint:
    """The token endpoint of one provider.

    Every method raises ``TokenRefusedError`` for a refusal, ``BackendUnavailableError`` for no answer (the
    code may be spent then: start over), ``ProviderProtocolError`` for anything else; of these
    ``UnusableTokensError`` where the status says that tokens were granted.
    """

    def __init__(self, requests: ClientRequests, config: ProviderConfig) -> None:
        self._requests = requests
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
        proof = {"code_verifier": verifier} if self._config.preset.pkce is Pkce.S256 else {}
        form = prepare_token_request("authorization_code", redirect_uri=redirect_uri, code=code, **proof)
        return await self._post(url, methods, form)

    async def refresh(self, url: str, methods: Sequence[str] | None, *, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for new tokens, with the scopes as they were (RFC 6749 section 6)."""
        own = self._config.endpoints.refresh
        form = prepare_token_request("refresh_token", refresh_token=refresh_token)
        return await self._post(own or url, methods, form)

    async def _post(self, url: str, methods: Sequence[str] | None, form: str) -> TokenResponse:
        try:
            answer = await self._requests.post(url, methods, form)
        except UnreadableAnswerError as error:
            raise UnusableTokensError(self._config.id, error.problem) from error
        return read_token_response(self._config.id, answer, self._config.preset.token_response)
