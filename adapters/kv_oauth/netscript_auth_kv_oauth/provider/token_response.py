"""What a token endpoint answers (RFC 6749 sections 5.1, 5.2), read defensively."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from netscript_auth_core.errors import ProviderProtocolError
from netscript_auth_core.flows.provider_errors import AWAY
from netscript_auth_kv_oauth.outages import provider_away
from netscript_auth_kv_oauth.presets.protocol import TokenResponseRules
from netscript_auth_kv_oauth.provider.provider_http import Answer
from netscript_auth_kv_oauth.provider.refusals import (
    TokenRefusedError,
    UnusableTokensError,
    shown_error,
)
from netscript_kernel.json_documents import is_array

MOST_CHARACTERS: Final = 64 * 1024
LONGEST_LIFE: Final = timedelta(days=3650)
_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_BEARER: Final = "bearer"


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """Tokens, each member of the right type.

    Attributes:
        lifetime: Of the access token; ``None`` where the provider did not say.
        scopes: As granted; ``None`` where they are those that were asked for.
        members: The whole answer, where the person comes along with the tokens.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id_token: str | None = field(repr=False)
    lifetime: timedelta | None
    scopes: tuple[str, ...] | None
    members: Mapping[str, object] = field(repr=False)


def read_token_response(provider_id: str, answer: Answer, rules: TokenResponseRules) -> TokenResponse:
    """Read the answer to a token request.

    Args:
        provider_id: Whose it is, for messages.
        answer: As it came.
        rules: How this provider's answers differ from the standard's.

    Raises:
        TokenRefusedError: a 4xx answer, or a successful one that carries an error, as GitHub sends it.
        BackendUnavailableError: an error that says the server is away.
        ProviderProtocolError: anything that is neither tokens nor a refusal; ``UnusableTokensError`` where
            the status says that tokens were granted.
    """
    content = answer.json_object()
    if answer.is_redirect:
        raise ProviderProtocolError(provider_id, "the token endpoint redirects")
    given = content.get("error") if content else None
    error = rules.errors.get(str(given)) or shown_error(given)
    if error in AWAY:
        raise provider_away(provider_id, f"the token endpoint answered {error}")
    if given is not None or not answer.is_success:
        raise TokenRefusedError(provider_id, error or f"http_{answer.status}")
    if content is None:
        raise UnusableTokensError(provider_id, "the token endpoint answered no JSON object")
    return _read(_Members(provider_id, content), rules)


class _Members:
    """Members of the response, by the type that each must have."""

    def __init__(self, provider_id: str, content: dict[str, object]) -> None:
        self._provider_id = provider_id
        self.content = content

    def token(self, name: str) -> str:
        """Return a required text."""
        value = self.text(name)
        if not value:
            raise self.wrong(name, "is missing")
        return value

    def text(self, name: str) -> str | None:
        """Return an optional text."""
        value = self.content.get(name)
        if value is None or (isinstance(value, str) and len(value) <= MOST_CHARACTERS):
            return value
        raise self.wrong(name, "is not text of a sensible length")

    def scopes(self, rules: TokenResponseRules) -> tuple[str, ...] | None:
        """Return the granted scopes; ``None`` where nothing is said of them."""
        value = self.content.get("scope")
        if rules.scope_is_array and is_array(value) and all(isinstance(each, str) for each in value):
            return tuple(str(each) for each in value) or None
        text = self.text("scope") or ""
        return tuple(text.replace(rules.scope_separator, " ").split()) or None

    def seconds(self, name: str) -> timedelta | None:
        """Return a lifetime. Digits in quotes are accepted, since several providers send them."""
        value = self.content.get(name)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.wrong(name, "is not a number of seconds")
        return timedelta(seconds=min(value, int(LONGEST_LIFE.total_seconds())))

    def wrong(self, name: str, problem: str) -> UnusableTokensError:
        """Say what is wrong with a member, never what is in it."""
        return UnusableTokensError(self._provider_id, f"{name} of the token response {problem}")


def _read(members: _Members, rules: TokenResponseRules) -> TokenResponse:
    # RFC 6749 section 7.1: a client must not use a token of a type that it does not understand.
    token_type = members.text("token_type") if rules.omits_token_type else members.token("token_type")
    if (token_type or _BEARER).lower() != _BEARER:
        raise members.wrong("token_type", "is not Bearer")
    return TokenResponse(
        access_token=members.token("access_token"),
        refresh_token=members.text("refresh_token") or None,
        id_token=members.text("id_token") or None,
        lifetime=members.seconds("expires_in"),
        scopes=members.scopes(rules),
        members=members.content,
    )
