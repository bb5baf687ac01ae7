"""The documents that everybody may read: metadata, key set, and a page that says what this is."""

from authlib.oauth2.rfc8414 import get_well_known_url as oauth_path
from authlib.oidc.discovery import get_well_known_url as openid_path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from netscript_dev_provider.answer_faults import (
    JWKS_ANSWER_FAULTS,
    JWKS_BODY_FAULTS,
    METADATA_ANSWER_FAULTS,
    METADATA_BODY_FAULTS,
)
from netscript_dev_provider.authorization_request import RESPONSE_MODES
from netscript_dev_provider.changes import Members
from netscript_dev_provider.client_authentication import AUTHENTICATION_METHODS, GRANT_TYPES, SCOPES
from netscript_dev_provider.config import ProviderConfig
from netscript_dev_provider.keys import SIGNING_ALGORITHM
from netscript_dev_provider.misbehaviour import chosen
from netscript_dev_provider.provider import provider_of


def well_known_paths(issuer: str) -> tuple[str, str]:
    """Return where the metadata is: by OpenID Connect Discovery 1.0 section 4 and by RFC 8414 section 3."""
    return openid_path(issuer), oauth_path(issuer)


def describe(config: ProviderConfig) -> Members:
    """Return the metadata of a provider (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2)."""
    return {
        "issuer": config.issuer,
        "authorization_endpoint": config.url("/authorize"),
        "token_endpoint": config.url("/token"),
        "userinfo_endpoint": config.url("/userinfo"),
        "jwks_uri": config.url("/jwks"),
        "revocation_endpoint": config.url("/revoke"),
        "end_session_endpoint": config.url("/end_session"),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [SIGNING_ALGORITHM],
        "token_endpoint_auth_methods_supported": list(AUTHENTICATION_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTHENTICATION_METHODS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "select_account"],
        "claims_supported": _claims(config),
    }


async def metadata(request: Request) -> Response:
    """Return the metadata, or the faults of it that are switched on."""
    provider = provider_of(request)
    for make in chosen(METADATA_ANSWER_FAULTS, provider.misbehaviours):
        return make()
    body = describe(provider.config)
    for change in chosen(METADATA_BODY_FAULTS, provider.misbehaviours):
        change(body)
    return JSONResponse(body)


async def jwks(request: Request) -> Response:
    """Return the key that signs now, and only that one (RFC 7517 section 5)."""
    provider = provider_of(request)
    for make in chosen(JWKS_ANSWER_FAULTS, provider.misbehaviours):
        return make()
    body = provider.keys.published()
    for change in chosen(JWKS_BODY_FAULTS, provider.misbehaviours):
        change(body)
    return JSONResponse(body)


async def index(request: Request) -> Response:
    """Say what this is, for somebody who opens the issuer in a browser."""
    return provider_of(request).pages.index()


async def style(request: Request) -> Response:
    """Return the style sheet of the pages."""
    return provider_of(request).pages.style()


def _claims(config: ProviderConfig) -> list[str]:
    of_personas = {claim for persona in config.personas for claim in persona.claims}
    return sorted({"sub", "name", "iss", "aud", "exp", "iat", "auth_time", "sid", *of_personas})
