"""Authlib's grants on our store: codes, refresh tokens, PKCE, id tokens, revocation."""

from datetime import datetime
from typing import Any, cast

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeGrant,
    ClientMixin,
    InvalidRequestError,
    OAuth2Request,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from typing_extensions import override

from netscript_dev_provider.client_authentication import AUTHENTICATION_METHODS, RegisteredClient
from netscript_dev_provider.id_tokens import IdTokens
from netscript_dev_provider.oauth_requests import ProviderRequest
from netscript_dev_provider.personas import Persona
from netscript_dev_provider.records import AuthorizationCode, IssuedToken, SignIn


class CodeGrant(AuthorizationCodeGrant):
    """The authorization code grant (RFC 6749 section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS

    def issue_code(self, persona: Persona, authenticated_at: datetime) -> str:
        """Return a code for a person who showed at this time who they are.

        Authlib's own way ends in a redirect that knows neither ``form_post`` nor a 303.
        """
        asked = cast("ProviderRequest", self.request)
        client = cast("RegisteredClient", self.request.client).client
        sign_in = SignIn(client, persona, asked.scope, authenticated_at)
        code = self.generate_authorization_code()
        challenge = asked.parameters.get("code_challenge")
        self.server.store.add_code(sign_in, code, self.redirect_uri, asked.parameters.get("nonce"), challenge)
        return code

    @override
    def query_authorization_code(self, code: str, client: ClientMixin) -> AuthorizationCode | None:
        """Return a code that is still good for this client, or ``None``.

        A second use ends the sign-in (RFC 6749 section 4.1.2).
        """
        found: AuthorizationCode | None = self.server.store.code(code)
        if found is None or found.sign_in.client.client_id != client.get_client_id():
            return None
        if found.used:
            found.sign_in.ended = True
        usable = not found.sign_in.ended and self.server.now() < found.expires_at
        return found if usable else None

    @override
    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Spend the code; it stays known, so that a second use is noticed."""
        authorization_code.used = True

    @override
    def authenticate_user(self, authorization_code: AuthorizationCode) -> Persona:
        """Return who signed in."""
        return authorization_code.sign_in.persona


class RefreshGrant(RefreshTokenGrant):
    """The refresh token grant: each token is good once, a second use ends the sign-in.

    Source: RFC 6749 section 6; RFC 9700 section 4.14.2.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    @override
    def authenticate_refresh_token(self, refresh_token: str) -> Any:
        """Return a refresh token that is still good for this client, or ``None``."""
        found: IssuedToken | None = self.server.store.refresh_token(refresh_token)
        if found is None or not found.check_client(self.request.client):
            return None
        if found.spent:
            found.sign_in.ended = True
        usable = not found.is_revoked() and not found.is_expired()
        return found if usable else None

    @override
    def authenticate_user(self, refresh_token: IssuedToken) -> Persona:
        """Return who signed in."""
        return refresh_token.sign_in.persona

    @override
    def revoke_old_credential(self, refresh_token: Any) -> None:
        """Spend the refresh token; it stays known, so that a second use is noticed."""
        refresh_token.spent = True


class S256Only(CodeChallenge):
    """PKCE with S256 and nothing else; public clients cannot do without (RFC 9700 section 2.1.1)."""

    @override
    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse at the start what could not be verified at the end."""
        cast("Any", super()).validate_code_challenge(grant, redirect_uri)
        parameters = cast("ProviderRequest", grant.request).parameters
        client = cast("RegisteredClient", grant.request.client).client
        if "code_challenge" not in parameters and client.client_secret is None:
            raise InvalidRequestError("A public client must send a code_challenge (RFC 7636).")
        if "code_challenge" in parameters and parameters.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The code_challenge_method must be S256.")


class OpenId(OpenIDCode):
    """Adds the id token to the token response of both grants."""

    def __init__(self, id_tokens: IdTokens) -> None:
        super().__init__()
        self._id_tokens = id_tokens

    @override
    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Take any nonce: a sign-in page is validated when shown and again when answered."""
        return False

    @override
    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        """Return the id token; a refreshed one has no nonce (OpenID Connect Core 1.0 section 12.2)."""
        code: AuthorizationCode | None = request.authorization_code
        nonce = code.nonce if code else None
        sign_in = cast("ProviderRequest", request).sign_in
        return self._id_tokens.write(sign_in, token["access_token"], token["scope"], nonce)


class Revocation(RevocationEndpoint):
    """Token revocation (RFC 7009)."""

    CLIENT_AUTH_METHODS = AUTHENTICATION_METHODS

    @override
    def check_params(self, request: OAuth2Request, client: ClientMixin) -> None:
        """Require the token; a hint that nobody knows is ignored (RFC 7009 section 2.1)."""
        if not request.form.get("token"):
            raise InvalidRequestError("The parameter token is missing.")

    @override
    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        """Return the token whichever kind it is; the hint would only save time."""
        found: IssuedToken | None = self.server.store.access_token(token_string)
        return found or self.server.store.refresh_token(token_string)

    @override
    def revoke_token(self, token: IssuedToken, request: OAuth2Request) -> None:
        """End a token; a refresh token ends everything of its sign-in (RFC 7009 section 2.1)."""
        token.spent = True
        token.sign_in.ended |= self.server.store.refresh_token(token.value) is not None
