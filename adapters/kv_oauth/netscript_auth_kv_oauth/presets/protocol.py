"""How a provider speaks OAuth 2.0 and OpenID Connect, as data: everything up to the tokens."""

from enum import StrEnum
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

# What may sign an id token. Never "none", and never HS*, whose key is the client secret: we hold it too, so
# it proves nothing to us (RFC 8725 sections 2.1, 3.1). ``EdDSA`` is now written by its curve (RFC 9864).
ASYMMETRIC_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip

Parameters: TypeAlias = dict[str, str]


class ClientAuth(StrEnum):
    """How we show the token endpoint who we are (RFC 6749 section 2.3.1). Without a secret: not at all."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    BY_METADATA = "by_metadata"


class ClientSecret(StrEnum):
    """Where the client secret comes from."""

    OPTIONAL = "optional"
    REQUIRED = "required"
    ES256_JWT = "es256_jwt"
    """Made by :mod:`~netscript_auth_kv_oauth.provider.made_secrets` of a key that the operator holds."""


class Nonce(StrEnum):
    """What becomes of the ``nonce`` (OpenID Connect Core 1.0 section 3.1.2.1)."""

    REQUIRED = "required"
    NOT_RETURNED = "not_returned"
    NOT_SENT = "not_sent"


class Pkce(StrEnum):
    """PKCE is sent, whatever a server announces; leaving it out is a quirk with a source (RFC 9700 4.8)."""

    S256 = "S256"
    NONE = "none"


class RefreshTokens(StrEnum):
    """When a provider gives a refresh token."""

    ON_REQUEST = "on_request"
    UNASKED = "unasked"
    NEVER = "never"


class Endpoints(BaseModel):
    """Addresses, with parameters in braces, of what no metadata tells."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authorization: str | None = None
    token: str | None = None
    refresh: str | None = None
    userinfo: str | None = None
    revocation: str | None = None


class Revocation(StrEnum):
    """What a provider forgets when it is asked to forget a refresh token (RFC 7009 section 2.1).

    ``token``: what was granted with it. ``consent``: all that the person ever agreed to for us, so that every
    device of theirs is cut off. ``none``: it is not to be asked.
    """

    TOKEN = "token"  # noqa: S105  # what is over, not a password
    CONSENT = "consent"
    NONE = "none"


class EndSession(BaseModel):
    """How a browser signs out at a provider that does not do it as OpenID Connect has it.

    Attributes:
        endpoint: With parameters in braces; where it is left out, the one of the metadata.
        return_parameter: Says where to come back to, instead of ``post_logout_redirect_uri``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str | None = None
    return_parameter: str


class OfflineAccess(BaseModel):
    """Refresh tokens: how one is asked for when ``offline_access`` is among the scopes.

    Attributes:
        given: When there is one.
        scope: What ``offline_access`` is called there; empty where no scope asks for it.
        parameters: Sent with the authorization request.
        rotates: Whether a new one replaces the old one at each use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: RefreshTokens = RefreshTokens.ON_REQUEST
    scope: str = "offline_access"
    parameters: Parameters = {"prompt": "consent"}
    rotates: bool = False


class Tenants(BaseModel):
    """A provider whose issuer differs with the tenant of the person, such as Entra.

    Attributes:
        parameter: Names the parameter that says which tenant.
        many: Its values that stand for many tenants, each with the issuer that its metadata names.
        claim: Which claim of the id token says the person's tenant.
        issuer: What ``iss`` is then, with the claim in braces.
        allowed: Names the parameter that lists the tenants whose people may come in; ``any`` is all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parameter: str
    many: dict[str, str]
    claim: str
    issuer: str
    allowed: str


class IdTokenRules(BaseModel):
    """What is peculiar about its id tokens.

    Attributes:
        also_issuers: Further values that ``iss`` may have, for the same people.
        also_metadata_issuers: Further values that the issuer in the metadata may have.
        algorithms: What may sign.
        tenants: For a provider of many tenants.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    also_issuers: tuple[str, ...] = ()
    also_metadata_issuers: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ASYMMETRIC_ALGORITHMS
    tenants: Tenants | None = None


class TokenResponseRules(BaseModel):
    """How its token responses differ from RFC 6749 section 5.

    Attributes:
        scope_is_array: ``scope`` is a list of texts.
        scope_separator: What stands between granted scopes.
        omits_token_type: ``token_type`` is left out, and means Bearer.
        errors: Its own error codes, and which of the standard each is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope_is_array: bool = False
    scope_separator: Literal[" ", ","] = " "
    omits_token_type: bool = False
    errors: Parameters = {}
