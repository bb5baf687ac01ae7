"""What makes one provider different from another, as data."""

from enum import StrEnum
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

# What may sign an id token. Never "none", and never HS*, whose key is the client secret: we hold it too, so
# it proves nothing to us (RFC 8725 sections 2.1, 3.1). ``EdDSA`` is now written by its curve (RFC 9864).
ASYMMETRIC_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip

Parameters: TypeAlias = tuple[tuple[str, str], ...]


class ClientAuth(StrEnum):
    """How we show the token endpoint who we are (RFC 6749 section 2.3.1). Without a secret: not at all."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    BY_METADATA = "by_metadata"


class OfflineAccess(BaseModel):
    """How a provider is asked for a refresh token, when ``offline_access`` is among the scopes.

    Attributes:
        sends_scope: Whether the scope itself is sent; some providers do not know it.
        parameters: Sent with the authorization request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sends_scope: bool = True
    parameters: Parameters = (("prompt", "consent"),)


class ProviderPreset(BaseModel):
    """One provider, or one kind of providers.

    Attributes:
        id: As in ``NETSCRIPT_AUTH_PROVIDER``.
        issuer: Exactly as in its metadata; ``None`` where the operator says it.
        also_issuers: Further values that ``iss`` of its id tokens may have.
        needs_secret: Whether it serves confidential clients only.
        extra_authorize: Sent with every authorization request.
        trusts_email: Whether its ``email_verified`` means that the person controls the address.
        algorithms: What may sign its id tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    display_name: str
    kind: Literal["oidc"] = "oidc"
    issuer: str | None = None
    also_issuers: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    client_auth: ClientAuth = ClientAuth.BY_METADATA
    needs_secret: bool = False
    extra_authorize: Parameters = ()
    offline: OfflineAccess = OfflineAccess()
    trusts_email: bool = True
    algorithms: tuple[str, ...] = ASYMMETRIC_ALGORITHMS
