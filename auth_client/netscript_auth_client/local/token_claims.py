"""What an access token of auth-api has to say, beside being signed (RFC 9068)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from netscript_auth_client.caller import Caller
from netscript_auth_core.domain import Principal
from netscript_kernel.jose.jws import Jws
from netscript_kernel.json_documents import is_array

LEEWAY: Final = timedelta(seconds=5).total_seconds()
"""How far the clocks of auth-api and this machine may be apart."""

LONGEST_LIFE: Final = timedelta(minutes=15).total_seconds()
"""No token lives longer; so for as long a revocation has to be remembered."""

_TYPE: Final = "at+jwt"
_MOST_SECONDS: Final = 10**11
_MOST_CHARACTERS: Final = 255
_MOST_SHOWN: Final = 200


class TokenRefusedError(Exception):
    """A token that lets nobody in. Says why; repeats nothing of it."""


class MisdirectedTokenError(TokenRefusedError):
    """A token of auth-api by whose name, or for whom, this service does not expect one.

    Most often one of the two is configured wrongly. Both names are told, capped and as Python writes text.
    """

    def __init__(self, what: str, claim: object, variable: str, expected: str) -> None:
        super().__init__(f"it is {what} {ascii(claim)[:_MOST_SHOWN]}; {variable} says {expected!a}")


@dataclass(frozen=True, slots=True)
class TokenRules:
    """For whom a token has to be, and from whom.

    Attributes:
        issuer: The public URL of auth-api, exactly.
        audience: What this service is called in ``NETSCRIPT_AUTH_TOKEN_AUDIENCES`` there.
    """

    issuer: str
    audience: str


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature and claims are good.

    Attributes:
        caller: Whom it is about.
        session: The session that it was made for, by its handle.
        ends_at: In seconds; from then on it lets nobody in, the leeway included.
    """

    caller: Caller
    session: str
    ends_at: float


def read_claims(jws: Jws, rules: TokenRules, now: float) -> VerifiedToken:
    """Return what a token says whose signature is good. Whether it has ended is left to the caller.

    Raises:
        TokenRefusedError: it is none of ours, not for us, not good yet, or good for longer than any.
    """
    claims = jws.claims
    if jws.typ != _TYPE:
        raise TokenRefusedError("typ of another kind of token")
    if claims.get("iss") != rules.issuer:
        raise MisdirectedTokenError("by", claims.get("iss"), "NETSCRIPT_CALLERS_PUBLIC_URL", rules.issuer)
    if claims.get("aud") != rules.audience:
        raise MisdirectedTokenError("for", claims.get("aud"), "NETSCRIPT_CALLERS_AUDIENCE", rules.audience)
    issued_at, expires_at = _seconds(claims, "iat"), _seconds(claims, "exp")
    not_before = _seconds(claims, "nbf") if "nbf" in claims else issued_at
    # Left out where the identity provider did not prove it.
    authenticated_at = _seconds(claims, "auth_time") if "auth_time" in claims else None
    if max(issued_at, not_before, authenticated_at or 0) > now + LEEWAY:
        raise TokenRefusedError("iat, nbf or auth_time to come")
    if not 0 < expires_at - issued_at <= LONGEST_LIFE:
        raise TokenRefusedError("a life that no token has")
    session = _text(claims, "sid")
    caller = Caller(
        principal=_principal(claims, session),
        name=_optional_text(claims, "name"),
        email=_optional_text(claims, "email") if claims.get("email_verified") is True else None,
        authenticated_at=_moment(authenticated_at) if authenticated_at is not None else None,
        expires_at=_moment(expires_at),
    )
    return VerifiedToken(caller, session, expires_at + LEEWAY)


def _principal(claims: Mapping[str, object], session: str) -> Principal:
    scope, roles = claims.get("scope", ""), claims.get("roles", [])
    if not isinstance(scope, str) or not is_array(roles):
        raise TokenRefusedError("scope or roles in another form")
    named = [role for role in roles if isinstance(role, str)]
    if len(named) != len(roles):
        raise TokenRefusedError("a role that is not text")
    return Principal(
        user_id=_text(claims, "sub"),
        session_handle=session,
        backend=_text(claims, "backend"),
        provider_id=_text(claims, "provider_id"),
        scopes=tuple(scope.split()),
        roles=tuple(named),
    )


def _seconds(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_SECONDS:
        raise TokenRefusedError(f"{name} that is no number of seconds")
    return value


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_CHARACTERS:
        raise TokenRefusedError(f"{name} that is no text of 1 to {_MOST_CHARACTERS} characters")
    return value


def _optional_text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise TokenRefusedError(f"{name} that is not text")
    return value
