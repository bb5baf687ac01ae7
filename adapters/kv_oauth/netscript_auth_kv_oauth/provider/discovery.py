"""A provider's metadata (OpenID Connect Discovery 1.0), believed only as far as it is sound."""

import logging
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from netscript_auth_core.errors import BackendUnavailableError, ProviderProtocolError
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.outages import provider_away
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_kernel.addresses import address_problem

_log = logging.getLogger("netscript.auth.kv_oauth")

PATH: Final = "/.well-known/openid-configuration"


class ProviderMetadata(BaseModel):
    """What we use of the metadata."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str | None = None
    userinfo_endpoint: str | None = None
    revocation_endpoint: str | None = None
    revocation_endpoint_auth_methods_supported: list[str] | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    id_token_signing_alg_values_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False

    @property
    def endpoints(self) -> dict[str, str]:
        """Every address in it, by name."""
        named = {
            "authorization_endpoint": self.authorization_endpoint,
            "token_endpoint": self.token_endpoint,
            "jwks_uri": self.jwks_uri,
            "userinfo_endpoint": self.userinfo_endpoint,
        }
        return {name: url for name, url in named.items() if url is not None}


async def fetch_metadata(
    http: ProviderHttp, config: ProviderConfig, *, is_production: bool
) -> ProviderMetadata:
    """Fetch and judge the metadata of a provider.

    Raises:
        BackendUnavailableError: it cannot be had, or is not this provider's; the log says so loudly, since
            then most likely the configured issuer is wrong.
    """
    document = await fetch_document(http, config.id, config.issuer.rstrip("/") + PATH, "metadata")
    try:
        metadata = ProviderMetadata.model_validate(document)
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]) for fault in error.errors(include_input=False)})
        raise _unusable(config, f"its metadata has no valid {', '.join(names)}") from None
    if metadata.issuer not in config.metadata_issuers:
        raise _unusable(config, f"its metadata names another issuer than {config.metadata_issuers[0]}")
    if metadata.jwks_uri is None:
        raise _unusable(config, "its metadata has no jwks_uri")
    for name, url in metadata.endpoints.items():
        problem = address_problem(url, allow_loopback_http=not is_production)
        if problem is not None:
            raise _unusable(config, f"the {name} in its metadata {problem}")
    return metadata


def known_metadata(config: ProviderConfig) -> ProviderMetadata:
    """Return what takes the place of metadata for a provider that publishes none: its preset's addresses."""
    endpoints = config.endpoints
    return ProviderMetadata(
        issuer=config.issuer,
        authorization_endpoint=endpoints.authorization or "",
        token_endpoint=endpoints.token or "",
        userinfo_endpoint=endpoints.userinfo,
    )


async def fetch_document(http: ProviderHttp, provider_id: str, url: str, what: str) -> dict[str, object]:
    """Fetch a JSON object that must be there.

    Raises:
        BackendUnavailableError: it is not, or is something else.
    """
    try:
        answer = await http.get(provider_id, url)
    except ProviderProtocolError as error:
        raise provider_away(provider_id, f"its {what}: {error.problem}") from error
    if not answer.is_success:
        raise provider_away(provider_id, f"asked for its {what}, it answered {answer.status}")
    document = answer.json_object()
    if document is None:
        raise provider_away(provider_id, f"its {what} is no JSON object")
    return document


def _unusable(config: ProviderConfig, problem: str) -> BackendUnavailableError:
    _log.error("provider %s cannot be used: %s", config.id, problem)
    return provider_away(config.id, problem)
