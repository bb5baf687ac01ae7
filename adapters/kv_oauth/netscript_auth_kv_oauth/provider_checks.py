"""Finds what is wrong with a configured provider before anybody tries to sign in with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from netscript_auth_kv_oauth.addresses import address_problem, issuer_problem, last_segment
from netscript_auth_kv_oauth.providers import ProviderConfig

ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 section 3.3
MOST_ISSUER_CHARACTERS: Final = 512

CLIENT_ID_FIX: Final = "the client id that the provider gave when this service was registered there"
CLIENT_SECRET_FIX: Final = "the client secret that came with the client id"  # noqa: S105  # words, not a secret
ISSUER_FIX: Final = (
    "the issuer of your OpenID provider exactly as in its metadata, such as https://login.acme.example"
)
REDIRECT_URI_FIX: Final = (
    "the callback of this service as registered at the provider, "
    "such as https://auth.acme.example/api/v1/auth/callback"
)
SCOPES_FIX: Final = "scopes separated by spaces, such as: openid email profile"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field; never with its value."""

    field: str
    problem: str
    fix: str


def find_problems(configs: Sequence[ProviderConfig], *, is_production: bool) -> list[list[Problem]]:
    """Return the problems of each provider, in the order of the providers."""
    is_alone = len(configs) == 1
    return [
        [*_identity(config), *_addresses(config, is_production=is_production, is_alone=is_alone)]
        for config in configs
    ]


def _identity(config: ProviderConfig) -> Iterator[Problem]:
    if not ID.fullmatch(config.id):
        yield Problem("id", "is not 1 to 32 lower-case letters, digits and hyphens", "such as: acme")
    if not _is_plain(config.client_id):
        yield Problem("client_id", _unplain(config.client_id), CLIENT_ID_FIX)
    secret = config.client_secret.get_secret_value() if config.client_secret else None
    if secret is None and config.preset.needs_secret:
        yield Problem("client_secret", f"is not set, and {config.display_name} needs it", CLIENT_SECRET_FIX)
    if secret is not None and not _is_plain(secret):
        yield Problem("client_secret", _unplain(secret), CLIENT_SECRET_FIX)
    if not all(_SCOPE.fullmatch(scope) for scope in config.scopes):
        yield Problem("scopes", "has a character that no scope has", SCOPES_FIX)
    if "openid" not in config.scopes:
        yield Problem("scopes", "lacks openid, without which no id token is sent", SCOPES_FIX)


def _addresses(config: ProviderConfig, *, is_production: bool, is_alone: bool) -> Iterator[Problem]:
    problem = issuer_problem(config.issuer, allow_loopback_http=not is_production)
    if not config.issuer:
        yield Problem("issuer", "is not set", ISSUER_FIX)
    elif problem is not None:
        yield Problem("issuer", problem, ISSUER_FIX)
    elif len(config.issuer) > MOST_ISSUER_CHARACTERS:
        yield Problem("issuer", f"is longer than {MOST_ISSUER_CHARACTERS} characters", ISSUER_FIX)
    if config.preset.issuer not in {None, config.issuer}:
        yield Problem("issuer", f"is fixed for {config.display_name}", "remove it")
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
