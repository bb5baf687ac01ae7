"""What a verified access token says (claims of WorkOS AuthKit, as documented in November 2026)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from netscript_kernel.json_documents import is_array

# How far the clock of WorkOS may be off ours, where a token seems to be from the future.
CLOCK_SKEW: Final = timedelta(seconds=60)
_SESSION_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,255}")
_NAME: Final = re.compile(r"[\x21-\x7e]{1,255}")
_MOST_NAMES: Final = 200
_MOST_SECONDS: Final = 10**11


class TokenInvalidError(Exception):
    """Not an access token of ours. Says why, and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token that WorkOS signed for our client.

    Attributes:
        session_id: Of the session at WorkOS; lets nobody in.
        subject: Of the person there.
        expires_at: From when it is worth nothing, whatever it says itself.
        roles: In the organization.
        permissions: Likewise.
        organization_id: Which the person acts in.
        is_impersonated: Whether somebody of the dashboard acts as the person.
    """

    session_id: str
    subject: str = field(repr=False)
    expires_at: datetime
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    organization_id: str | None = None
    is_impersonated: bool = False

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must be.

    Attributes:
        client_id: Whom it was issued for. There is no ``aud`` unless a template adds one.
        issuers: Values that ``iss`` may have.
        longest_life: A token counts for no longer, so that the declared revocation lag is true.
    """

    client_id: str
    issuers: frozenset[str]
    longest_life: timedelta


def is_session_id(value: object) -> bool:
    """Whether this can be the id of a session, and so a handle of ours."""
    return isinstance(value, str) and _SESSION_ID.fullmatch(value) is not None


def read_claims(claims: Mapping[str, object], rules: TokenRules, now: datetime) -> AccessToken:
    """Return what the claims of a verified token say; whether its time is over is the caller's to judge.

    Raises:
        TokenInvalidError: says which claim is not as it must be.
    """
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in rules.issuers:
        raise TokenInvalidError("an issuer that is not one of ours (WORKOS_ISSUERS)")
    if claims.get("client_id") != rules.client_id:
        raise TokenInvalidError("not issued for our client (WORKOS_CLIENT_ID)")
    # Other tokens of the same keys, such as those of agents and widgets.
    if claims.get("sub_profile") not in (None, "user") or claims.get("sub_type") is not None:
        raise TokenInvalidError("not a token of a person")
    issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
    starts_at = max(issued_at, _time(claims, "nbf") if "nbf" in claims else issued_at)
    if starts_at > now + CLOCK_SKEW:
        raise TokenInvalidError("from the future")
    return AccessToken(
        session_id=_text(claims, "sid", _SESSION_ID),
        subject=_text(claims, "sub", _SUBJECT),
        expires_at=min(expires_at, issued_at + rules.longest_life),
        roles=_names(claims, "roles") or _names(claims, "role"),
        permissions=_names(claims, "permissions"),
        organization_id=_text(claims, "org_id", _NAME) if claims.get("org_id") is not None else None,
        is_impersonated=claims.get("act") is not None,
    )


def _time(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_SECONDS:
        raise TokenInvalidError(f"{name} that is no date")
    return datetime.fromtimestamp(value, UTC)


def _text(claims: Mapping[str, object], name: str, shape: re.Pattern[str]) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise TokenInvalidError(f"{name} that is missing or odd")
    return value


def _names(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = claims.get(name)
    if value is None:
        return ()
    listed = value if is_array(value) else [value]
    names = tuple(each for each in listed if isinstance(each, str) and _NAME.fullmatch(each))
    if len(names) != len(listed) or len(names) > _MOST_NAMES:
        raise TokenInvalidError(f"{name} that are no names")
    return tuple(dict.fromkeys(names))
