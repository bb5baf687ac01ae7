"""Authlib's authorization server on our store, with answers that any framework can send."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Request
from typing_extensions import override

from netscript_dev_provider.client_authentication import RegisteredClient, client_secret_basic
from netscript_dev_provider.config import ProviderConfig
from netscript_dev_provider.grants import CodeGrant, OpenId, RefreshGrant, Revocation, S256Only
from netscript_dev_provider.id_tokens import IdTokens
from netscript_dev_provider.oauth_requests import ProviderRequest
from netscript_dev_provider.personas import Persona
from netscript_dev_provider.store import GrantStore


@dataclass(frozen=True, slots=True)
class Answer:
    """What Authlib wants to be sent."""

    status: int
    body: dict[str, object]
    headers: dict[str, str]


class ProviderServer(AuthorizationServer):
    """The OAuth 2.0 rules of one provider. Synchronous: it touches memory only."""

    def __init__(
        self, config: ProviderConfig, now: Callable[[], datetime], store: GrantStore, id_tokens: IdTokens
    ) -> None:
        super().__init__()
        self.config = config
        self.now = now
        self.store = store
        open_id = OpenId(id_tokens)
        # Authlib's methods are half typed at best; what is used of them is typed below.
        self._authlib: Any = self
        self._authlib.register_client_auth_method("client_secret_basic", client_secret_basic)
        self.register_grant(CodeGrant, [S256Only(), open_id])
        self.register_grant(RefreshGrant, [open_id])
        self.register_endpoint(Revocation)

    def consent(self, request: ProviderRequest) -> CodeGrant:
        """Check an authorization request; an ``OAuth2Error`` says what is wrong with it."""
        grant: CodeGrant = self._authlib.get_consent_grant(request)
        return grant

    def trade(self, request: ProviderRequest) -> Answer:
        """Answer a token request."""
        answer: Answer = self._authlib.create_token_response(request)
        return answer

    def revoke(self, request: ProviderRequest) -> Answer:
        """Answer a revocation request."""
        answer: Answer = self._authlib.create_endpoint_response("revocation", request)
        return answer

    def refuse(self, error: OAuth2Error) -> Answer:
        """Answer with an error."""
        status, body, headers = cast("Any", error)()
        return self.handle_response(status, body, headers)

    @override
    def query_client(self, client_id: str) -> Any:
        """Return the client of that name, or ``None``."""
        client = self.config.client(client_id)
        return RegisteredClient(client) if client else None

    @override
    def generate_token(
        self,
        grant_type: str,
        client: ClientMixin,
        user: Persona | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, str | int]:
        """Return the members of a token response (RFC 6749 section 5.1); tokens are opaque random strings."""
        granted = (scope or "").split()
        token: dict[str, str | int] = {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(32),
            "expires_in": int(self.config.lifetimes.access_token.total_seconds()),
            "scope": " ".join(granted),
        }
        # A refresh asked for less still gets the successor of its refresh token.
        if include_refresh_token and ("offline_access" in granted or grant_type == "refresh_token"):
            token["refresh_token"] = secrets.token_urlsafe(32)
        return token

    @override
    def save_token(self, token: Mapping[str, str | int], request: OAuth2Request) -> None:
        """Remember what was issued, with the sign-in it came from."""
        sign_in = cast("ProviderRequest", request).sign_in
        self.store.add_access_token(sign_in, str(token["access_token"]), str(token["scope"]))
        if "refresh_token" in token:
            self.store.add_refresh_token(sign_in, str(token["refresh_token"]))

    @override
    def create_oauth2_request(self, request: ProviderRequest) -> ProviderRequest:
        """Take the request as it is: the endpoint has built it already."""
        return request

    @override
    def handle_response(self, status: int, body: Mapping[str, object] | str, headers: Any) -> Answer:
        """Keep an answer for the endpoint to send."""
        return Answer(status, dict(body) if isinstance(body, Mapping) else {}, dict(headers))

    @override
    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: no one listens to Authlib's signals here."""
