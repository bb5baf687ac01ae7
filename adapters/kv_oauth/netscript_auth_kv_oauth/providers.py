"""Providers as an application configures them: ``providers.google(...)``, ``providers.oidc(...)``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_kv_oauth.preset_schema import ProviderPreset
from netscript_auth_kv_oauth.presets import GOOGLE, OIDC

OFFLINE_ACCESS = "offline_access"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """One provider with our registration there.

    Attributes:
        id: As in ``providerId``, and last in the callback's path where there are several providers.
        preset: What is known of it.
        issuer: Exactly as in its metadata.
        client_id: Given by the provider when we were registered.
        client_secret: Likewise; ``None`` for a public client.
        redirect_uri: Our callback, exactly as registered.
        scopes: What is asked for; ``offline_access`` among them asks for a refresh token.
    """

    id: str
    preset: ProviderPreset
    display_name: str
    issuer: str
    client_id: str
    client_secret: SecretStr | None = field(default=None, repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]

    def descriptor(self) -> ProviderDescriptor:
        """Return what people may know of it."""
        return ProviderDescriptor(
            id=self.id, display_name=self.display_name, kind=self.preset.kind, scopes=self.scopes
        )


def google(
    *, client_id: str, client_secret: str, redirect_uri: str, scopes: Sequence[str] | None = None
) -> ProviderConfig:
    """Return Google, with a registration made in its Cloud console under "Credentials".

    Args:
        client_id: Ends in ``.apps.googleusercontent.com``.
        client_secret: Of that client.
        redirect_uri: Listed there under "Authorized redirect URIs".
        scopes: Instead of ``openid email profile``; ``offline_access`` among them asks for a refresh token.
    """
    return ProviderConfig(
        id=GOOGLE.id,
        preset=GOOGLE,
        display_name=GOOGLE.display_name,
        issuer=GOOGLE.issuer or "",
        client_id=client_id,
        client_secret=SecretStr(client_secret),
        redirect_uri=redirect_uri,
        scopes=tuple(scopes or GOOGLE.scopes),
    )


def oidc(
    *,
    issuer: str,
    client_id: str,
    redirect_uri: str,
    client_secret: str | None = None,
    scopes: Sequence[str] | None = None,
    id: str = OIDC.id,  # noqa: A002  the field's own term
    display_name: str = OIDC.display_name,
) -> ProviderConfig:
    """Return any OpenID provider by its issuer.

    Args:
        issuer: Without ``/.well-known/openid-configuration``; a trailing slash counts.
        client_id: As registered there.
        redirect_uri: As registered there.
        client_secret: Leave it out for a public client.
        scopes: Instead of ``openid email profile``.
        id: A name of its own, where several are configured: lower-case letters, digits, hyphens.
        display_name: What people read on the sign-in page.
    """
    return ProviderConfig(
        id=id,
        preset=OIDC,
        display_name=display_name,
        issuer=issuer,
        client_id=client_id,
        client_secret=SecretStr(client_secret) if client_secret is not None else None,
        redirect_uri=redirect_uri,
        scopes=tuple(scopes or OIDC.scopes),
    )


class Providers:
    """The port's view of the configured providers."""

    def __init__(self, configs: Sequence[ProviderConfig]) -> None:
        self._descriptors = {config.id: config.descriptor() for config in configs}

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return all, in the order configured."""
        return tuple(self._descriptors.values())

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return one, or ``None`` where no provider has this id."""
        return self._descriptors.get(provider_id)
