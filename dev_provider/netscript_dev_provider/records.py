"""What is remembered: sign-ins, codes, tokens.

Everything that came of one sign-in shares one :class:`SignIn`; ending that ends all of it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin

from netscript_dev_provider.config import Client
from netscript_dev_provider.personas import Persona


@dataclass(slots=True)
class SignIn:
    """One person signed in to one application, once."""

    client: Client
    persona: Persona
    scope: str
    authenticated_at: datetime
    session_id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    ended: bool = False


@dataclass(slots=True)
class AuthorizationCode:
    """A code, good for one exchange (RFC 6749 section 4.1.2). Authlib reads it through its getters.

    Attributes:
        value: The opaque string.
        sign_in: Where it came from.
        redirect_uri: Where it was sent; the exchange must name the same.
        nonce: Goes into the id token unchanged.
        code_challenge: The S256 challenge of PKCE, or ``None`` if the client sent none.
        expires_at: When it ends.
        used: Whether it was exchanged.
    """

    value: str
    sign_in: SignIn
    redirect_uri: str
    nonce: str | None
    code_challenge: str | None
    expires_at: datetime
    used: bool = False

    @property
    def code_challenge_method(self) -> str:
        """The only method that is let in (RFC 7636 section 4.3)."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Return where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.sign_in.scope


@dataclass(slots=True)
class IssuedToken:
    """An access or refresh token. Authlib reads it through its getters.

    Attributes:
        value: The opaque string.
        sign_in: Where it came from.
        scope: What it is good for; may be less than was granted.
        expires_at: When it ends.
        spent: Whether it was revoked, or, for a refresh token, traded for its successor.
    """

    value: str
    sign_in: SignIn
    scope: str
    expires_at: datetime
    now: Callable[[], datetime]
    spent: bool = False

    def check_client(self, client: ClientMixin | None) -> bool:
        """Tell whether it was issued to this client."""
        return client is not None and self.sign_in.client.client_id == client.get_client_id()

    def get_scope(self) -> str:
        """Return what it is good for."""
        return self.scope

    def is_expired(self) -> bool:
        """Tell whether its time is over."""
        return self.now() >= self.expires_at

    def is_revoked(self) -> bool:
        """Tell whether it, or the whole sign-in, was ended."""
        return self.spent or self.sign_in.ended
