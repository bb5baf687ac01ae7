"""What a token of better-auth's jwt plugin has to say, beside being signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from netscript_auth_better_auth.configuration.server_config import TokenRules
from netscript_auth_better_auth.server.answers import ServerUser, UnclearAnswerError, read_user_claims
from netscript_kernel.jose.jws import Jws
from netscript_kernel.json_documents import is_array

# How far the server's clock may be ahead of ours. Behind, it costs life: nothing is believed after its end.
CLOCK_SKEW: Final = timedelta(seconds=60)
_MOST_SECONDS: Final = 10**11


class TokenRefusedError(Exception):
    """A token that lets nobody in. Says why; repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says, checked."""

    user: ServerUser
    issued_at: datetime
    expires_at: datetime


def read_claims(jws: Jws, rules: TokenRules, now: datetime) -> TokenClaims:
    """Return the claims of a token whose signature is good. Whether it is over is left to the caller.

    Raises:
        TokenRefusedError: it is for somebody else, not good yet, or good for longer than any should be.
    """
    claims = jws.claims
    if jws.typ not in {None, "jwt"}:
        raise TokenRefusedError("typ of another kind of token")
    if claims.get("iss") not in rules.issuers:
        raise TokenRefusedError("iss of another server")
    if not _audiences(claims) & rules.audiences:
        raise TokenRefusedError("aud of another service")
    issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
    not_before = _instant(claims, "nbf") if "nbf" in claims else issued_at
    if max(issued_at, not_before) > now + CLOCK_SKEW:
        raise TokenRefusedError("iat or nbf to come")
    if not timedelta(0) < expires_at - issued_at <= rules.longest:
        raise TokenRefusedError("a life of more than BETTER_AUTH_TOKEN_TTL, or of none")
    try:
        return TokenClaims(read_user_claims(claims), issued_at, expires_at)
    except UnclearAnswerError as error:
        raise TokenRefusedError(str(error)) from None


def _audiences(claims: Mapping[str, object]) -> frozenset[str]:
    value = claims.get("aud")
    values = value if is_array(value) else [value]
    return frozenset(each for each in values if isinstance(each, str))


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_SECONDS:
        raise TokenRefusedError(f"{name} that is no number of seconds")
    return datetime.fromtimestamp(value, UTC)
