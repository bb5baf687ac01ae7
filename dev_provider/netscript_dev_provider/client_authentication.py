"""Clients as Authlib asks about them, and how they prove who they are at the token endpoint."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, OAuth2Request
from typing_extensions import override

from netscript_dev_provider.config import Client

SCOPES: Final = ("openid", "profile", "email", "offline_access")
GRANT_TYPES: Final = ("authorization_code", "refresh_token")
AUTHENTICATION_METHODS: Final = ("client_secret_basic", "client_secret_post", "none")


class RegisteredClient(ClientMixin):
    """Answers Authlib's questions about one configured client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @override
    def get_client_id(self) -> str:
        """Return its public name."""
        return self.client.client_id

    @override
    def get_default_redirect_uri(self) -> str:
        """Return nothing: OpenID Connect Core 1.0 section 3.1.2.1 requires the parameter."""
        return ""

    @override
    def get_allowed_scope(self, scope: object) -> str:
        """Return what is understood of a scope, as OpenID Connect Core 1.0 section 3.1.2.1 advises."""
        asked = scope.split() if isinstance(scope, str) else []
        return " ".join(dict.fromkeys(name for name in asked if name in SCOPES))

    @override
    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether it was registered, character by character."""
        return redirect_uri in self.client.redirect_uris

    @override
    def check_client_secret(self, client_secret: str) -> bool:
        """Compare secrets in constant time."""
        expected = self.client.client_secret
        return expected is not None and hmac.compare_digest(expected.encode(), client_secret.encode())

    @override
    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether it may authenticate so: with its secret if it has one, else not at all."""
        return (method == "none") == (self.client.client_secret is None)

    @override
    def check_response_type(self, response_type: str) -> bool:
        """Tell whether it may ask for this: codes only."""
        return response_type == "code"

    @override
    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it may trade this for tokens."""
        return grant_type in GRANT_TYPES


def client_secret_basic(
    query_client: Callable[[str], ClientMixin | None], request: OAuth2Request
) -> ClientMixin | None:
    """Authenticate by HTTP Basic with form-encoded id and secret (RFC 6749 section 2.3.1).

    Stands in for Authlib's own, which fails on bytes that are no UTF-8 and takes ``+`` literally.

    Raises:
        InvalidClientError: no such client, or another secret.
    """
    headers = request.headers or {}
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    client_id, secret = _decoded(credentials.strip())
    client = query_client(client_id)
    if client is None or not client.check_client_secret(secret):
        raise InvalidClientError("The client is unknown, or its secret is another one.", status_code=401)
    return client


def _decoded(credentials: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
