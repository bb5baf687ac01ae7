"""One provider with our registration there, as the environment or an application has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_kv_oauth.presets.parameters import Values, fill, names_in
from netscript_auth_kv_oauth.presets.protocol import Endpoints, Revocation
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from netscript_auth_kv_oauth.provider.tenant_rules import TenantRule, tenant_rule

OFFLINE_ACCESS: Final = "offline_access"
_NOTHING: Final[Values] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """One provider with our registration there.

    Attributes:
        id: As in ``providerId``, and last in the callback's path where there are several providers.
        preset: What is known of it.
        issuer: Exactly as in its metadata; a stable name where it has none.
        client_id: Given by the provider when we were registered.
        client_secret: Likewise; ``None`` for a public client, and where it is made.
        redirect_uri: Our callback, exactly as registered.
        scopes: What is asked for; ``offline_access`` among them asks for a refresh token.
        parameters: What else the operator said, and defaults, by name.
        response_issuer: The ``iss`` of its authorization responses, where it is another than the preset says.
        end_session: Whether a sign-out sends the browser there, to be signed out there too.
        own_revocation: What its revocation endpoint does, where it is another thing than the preset says.
    """

    id: str
    preset: ProviderPreset
    display_name: str
    issuer: str
    client_id: str
    client_secret: SecretStr | None = field(default=None, repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    parameters: Values = field(default_factory=dict[str, str | SecretStr], repr=False)
    response_issuer: str | None = None
    end_session: bool = False
    own_revocation: Revocation | None = None

    def descriptor(self) -> ProviderDescriptor:
        """Return what people may know of it."""
        return ProviderDescriptor(
            id=self.id,
            display_name=self.display_name,
            kind=self.preset.kind,
            scopes=self.scopes,
            step_up=self.preset.can_step_up,
        )

    def filled(self, template: str) -> str:
        """Return an address or a path of the preset with our parameters."""
        return fill(template, self.parameters)

    @property
    def endpoints(self) -> Endpoints:
        """What no metadata tells, with our parameters; without those of which none was said."""
        filled = {name: self.filled(url) for name, url in self.preset.endpoints if url}
        return Endpoints(**{name: url for name, url in filled.items() if not names_in(url)})

    @property
    def revocation(self) -> Revocation:
        """What its revocation endpoint does."""
        return self.own_revocation or self.preset.revocation

    @property
    def end_session_endpoint(self) -> str | None:
        """Where browsers are signed out there; ``None`` where its metadata says that, if anything does."""
        own = self.preset.end_session
        return self.filled(own.endpoint) if own is not None and own.endpoint is not None else None

    @property
    def needs_id_token_hint(self) -> bool:
        """Whether browsers are signed out there as OpenID Connect has it, by their last id token."""
        return self.end_session and self.preset.end_session is None

    @property
    def tenants(self) -> TenantRule | None:
        """Who may come in where the issuer differs with the tenant; ``None`` where there is one issuer."""
        return tenant_rule(self.preset, self.parameters)

    @property
    def metadata_issuers(self) -> tuple[str, ...]:
        """The issuers that its metadata may name, the usual one first."""
        named = self.tenants.metadata_issuer if self.tenants else self.issuer
        return (named, *self.preset.id_token.also_metadata_issuers)


def make_config(
    preset: ProviderPreset,
    *,
    client_id: str,
    redirect_uri: str,
    client_secret: SecretStr | None = None,
    scopes: tuple[str, ...] | None = None,
    issuer: str | None = None,
    response_issuer: str | None = None,
    end_session: bool = False,
    revocation: Revocation | None = None,
    parameters: Mapping[str, str | SecretStr | None] = _NOTHING,
    id: str | None = None,  # noqa: A002  the field's own term
    display_name: str | None = None,
) -> ProviderConfig:
    """Return the provider; what is missing or wrong stays so, for the checks to find."""
    defaults = {name: each.default for name, each in preset.parameters.items()}
    said = {**defaults, **{name: value for name, value in parameters.items() if value is not None}}
    values = {name: value for name, value in said.items() if value is not None}
    return ProviderConfig(
        id=id or preset.id,
        preset=preset,
        display_name=display_name or preset.display_name,
        issuer=issuer or fill(preset.issuer or "", values),
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=redirect_uri,
        scopes=scopes or preset.scopes,
        parameters=values,
        response_issuer=response_issuer,
        end_session=end_session,
        own_revocation=revocation,
    )
