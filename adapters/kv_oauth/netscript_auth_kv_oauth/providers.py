"""Providers as an application configures them: ``providers.google(...)``, ``providers.oidc(...)``.

Every preset has :func:`preset`; the commonest have a function of their own, which names what they need.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict, Unpack

from pydantic import SecretStr

from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig, make_config
from netscript_auth_kv_oauth.presets.files import get_preset
from netscript_auth_kv_oauth.presets.protocol import Revocation


class Registered(TypedDict):
    """Our registration at a provider, and how it is shown here.

    Attributes:
        client_id: As registered there.
        redirect_uri: As registered there.
        client_secret: Leave it out for a public client, and where it is made of a key.
        scopes: Instead of the preset's; ``offline_access`` among them asks for a refresh token.
        issuer: Instead of the preset's, where that has parameters or is yours to say.
        response_issuer: The ``iss`` of its answers, where it is another than is known here.
        end_session: Whether a sign-out sends the browser there, to be signed out there too. Register
            ``<public URL>/signed-out`` as an address to come back to first.
        revocation: What its revocation endpoint does, where that is another thing than is known here.
        id: A name of its own, where several are configured: lower-case letters, digits, hyphens.
        display_name: What people read on the sign-in page.
    """

    client_id: str
    redirect_uri: str
    client_secret: NotRequired[str | None]
    scopes: NotRequired[Sequence[str] | None]
    issuer: NotRequired[str]
    response_issuer: NotRequired[str]
    end_session: NotRequired[bool]
    revocation: NotRequired[Revocation]
    id: NotRequired[str]
    display_name: NotRequired[str]


def preset(
    name: str, parameters: Mapping[str, str] | None = None, /, **registered: Unpack[Registered]
) -> ProviderConfig:
    """Return a provider that is known by name; ``netscript auth providers list`` shows all.

    Args:
        name: Its id, such as ``spotify``.
        parameters: What else it needs, such as ``{"domain": "acme.eu.auth0.com"}``.
        registered: Our registration there.

    Raises:
        LookupError: no preset has this name, or not this parameter.
    """
    known = get_preset(name)
    given = parameters or {}
    for unknown in given.keys() - known.parameters.keys():
        raise LookupError(f"{name} has no parameter {unknown}; it has: {', '.join(known.parameters)}")
    secret, scopes = registered.get("client_secret"), registered.get("scopes")
    return make_config(
        known,
        client_id=registered["client_id"],
        redirect_uri=registered["redirect_uri"],
        client_secret=SecretStr(secret) if secret is not None else None,
        scopes=tuple(scopes) if scopes else None,
        issuer=registered.get("issuer"),
        response_issuer=registered.get("response_issuer"),
        end_session=registered.get("end_session", False),
        revocation=registered.get("revocation"),
        parameters={
            key: SecretStr(value) if known.parameters[key].is_secret else value
            for key, value in given.items()
        },
        id=registered.get("id"),
        display_name=registered.get("display_name"),
    )


def oidc(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return any OpenID provider by its issuer: without ``/.well-known/openid-configuration``."""
    return preset("oidc", **registered)


def google(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return Google, with a registration made in its Cloud console under "Credentials"."""
    return preset("google", **registered)


def github(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return GitHub, with an OAuth app or a GitHub App of its developer settings."""
    return preset("github", **registered)


def microsoft(
    *, tenant: str, allowed_tenants: Sequence[str] = (), **registered: Unpack[Registered]
) -> ProviderConfig:
    """Return Microsoft Entra.

    Args:
        tenant: The directory id; or ``common``, ``organizations`` or ``consumers``.
        allowed_tenants: With one of those: the directories whose people may come in, or ``("any",)``.
        registered: Our registration there.
    """
    listed = {"allowed_tenants": ",".join(allowed_tenants)} if allowed_tenants else {}
    return preset("microsoft", {"tenant": tenant, **listed}, **registered)


def apple(*, team_id: str, key_id: str, private_key: str, **registered: Unpack[Registered]) -> ProviderConfig:
    """Return Apple, whose client secret is made of a key: the text of the ``.p8`` file."""
    made_of = {"team_id": team_id, "key_id": key_id, "private_key": private_key}
    return preset("apple", made_of, **registered)


def discord(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return Discord."""
    return preset("discord", **registered)


def slack(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return Slack, by its OpenID Connect."""
    return preset("slack", **registered)


def gitlab(*, host: str = "gitlab.com", **registered: Unpack[Registered]) -> ProviderConfig:
    """Return GitLab, the public one or your own."""
    return preset("gitlab", {"host": host}, **registered)


def okta(*, domain: str, **registered: Unpack[Registered]) -> ProviderConfig:
    """Return Okta; ``issuer`` names a custom authorization server."""
    return preset("okta", {"domain": domain}, **registered)


def keycloak(*, host: str, realm: str, **registered: Unpack[Registered]) -> ProviderConfig:
    """Return a realm of a Keycloak; ``issuer`` where it has a path of its own."""
    return preset("keycloak", {"host": host, "realm": realm}, **registered)


def x(**registered: Unpack[Registered]) -> ProviderConfig:
    """Return X, once Twitter."""
    return preset("x", **registered)


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
