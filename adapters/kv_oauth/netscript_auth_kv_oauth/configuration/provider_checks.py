"""Finds what is wrong with a configured provider before anybody tries to sign in with it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from netscript_auth_kv_oauth.configuration.parameter_checks import Problem, parameter_problems
from netscript_auth_kv_oauth.configuration.provider_config import OFFLINE_ACCESS, ProviderConfig
from netscript_auth_kv_oauth.presets.parameters import names_in
from netscript_auth_kv_oauth.presets.protocol import ClientSecret, RefreshTokens
from netscript_kernel.addresses import address_problem, issuer_problem, last_segment

ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 section 3.3
MOST_ISSUER_CHARACTERS: Final = 512

CLIENT_ID_FIX: Final = "the client id that the provider gave when this service was registered there"
CLIENT_SECRET_FIX: Final = "the client secret that came with the client id"  # noqa: S105  # words, not a secret
ISSUER_FIX: Final = (
    "the issuer of your OpenID provider exactly as in its metadata, such as https://login.acme.example"
)
RESPONSE_ISSUER_FIX: Final = "the iss that the provider's answers carry, such as https://login.acme.example"
REDIRECT_URI_FIX: Final = (
    "the callback of this service as registered at the provider, "
    "such as https://auth.acme.example/api/v1/auth/callback"
)
REVOCATION_FIX: Final = "token, consent or none: what the provider forgets with one refresh token"
SCOPES_FIX: Final = "scopes separated by spaces, such as: openid email profile"


def find_problems(configs: Sequence[ProviderConfig], *, is_production: bool) -> list[list[Problem]]:
    """Return the problems of each provider, in the order of the providers."""
    is_alone = len(configs) == 1
    return [
        [
            *_registration(config),
            *_scopes(config),
            *parameter_problems(config, is_production=is_production),
            *_issuers(config, is_production=is_production),
            *_callback(config, is_alone=is_alone),
        ]
        for config in configs
    ]


def _registration(config: ProviderConfig) -> Iterator[Problem]:
    if not ID.fullmatch(config.id):
        yield Problem("id", "is not 1 to 32 lower-case letters, digits and hyphens", "such as: acme")
    if not _is_plain(config.client_id):
        yield Problem("client_id", _unplain(config.client_id), CLIENT_ID_FIX)
    secret = config.client_secret.get_secret_value() if config.client_secret else None
    wanted = config.preset.client_secret
    if secret is None and wanted is ClientSecret.REQUIRED:
        yield Problem("client_secret", f"is not set, and {config.display_name} needs it", CLIENT_SECRET_FIX)
    if secret is not None and wanted is ClientSecret.ES256_JWT:
        yield Problem("client_secret", f"is made of a key for {config.display_name}", "remove it")
    elif secret is not None and not _is_plain(secret):
        yield Problem("client_secret", _unplain(secret), CLIENT_SECRET_FIX)
    if config.end_session and not config.preset.can_end_session:
        problem = f"is set, and {config.display_name} signs out no browser that is sent to it"
        yield Problem("end_session", problem, "remove it")


def _scopes(config: ProviderConfig) -> Iterator[Problem]:
    if not all(_SCOPE.fullmatch(scope) for scope in config.scopes):
        yield Problem("scopes", "has a character that no scope has", SCOPES_FIX)
    lacking = [scope for scope in config.preset.required_scopes if scope not in config.scopes]
    if lacking:
        told = " ".join(lacking)
        fix = f"add it, such as: {' '.join(config.preset.scopes)}"
        yield Problem("scopes", f"lacks {told}, without which nobody can be told who it is", fix)
    if OFFLINE_ACCESS in config.scopes and config.preset.offline.given is RefreshTokens.NEVER:
        problem = f"has {OFFLINE_ACCESS}, and {config.display_name} gives no refresh tokens"
        yield Problem("scopes", problem, "remove it: sessions live to their own limits without")


def _issuers(config: ProviderConfig, *, is_production: bool) -> Iterator[Problem]:
    known = config.preset.issuer
    if names_in(config.issuer):
        return  # a parameter is missing, which is told of that
    problem = issuer_problem(config.issuer, allow_loopback_http=not is_production)
    if not config.issuer:
        yield Problem("issuer", "is not set", ISSUER_FIX)
    elif problem is not None:
        yield Problem("issuer", problem, ISSUER_FIX)
    elif len(config.issuer) > MOST_ISSUER_CHARACTERS:
        yield Problem("issuer", f"is longer than {MOST_ISSUER_CHARACTERS} characters", ISSUER_FIX)
    if known is not None and not names_in(known) and known != config.issuer:
        yield Problem("issuer", f"is fixed for {config.display_name}", "remove it")
    if config.response_issuer is not None:
        problem = issuer_problem(config.response_issuer, allow_loopback_http=not is_production)
        if problem is not None:
            yield Problem("response_issuer", problem, RESPONSE_ISSUER_FIX)


def _callback(config: ProviderConfig, *, is_alone: bool) -> Iterator[Problem]:
    problem = address_problem(config.redirect_uri, allow_loopback_http=True)
    if problem is not None:
        yield Problem("redirect_uri", problem, REDIRECT_URI_FIX)
    elif not is_alone and last_segment(config.redirect_uri) != config.id:
        fix = f"let it end in /callback/{config.id}, so that providers can be told apart"
        yield Problem("redirect_uri", "is not this provider's own, and there are several providers", fix)


def _is_plain(text: str) -> bool:
    return bool(text) and text == text.strip() and text.isprintable()


def _unplain(text: str) -> str:
    return "has spaces or control characters around or in it" if text.strip() else "is not set"
