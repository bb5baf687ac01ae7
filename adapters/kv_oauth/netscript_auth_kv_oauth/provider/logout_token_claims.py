"""What a logout token must say (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.reasons import LogoutReason
from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW, is_subject
from netscript_auth_kv_oauth.provider.refusals import shown_claim
from netscript_auth_kv_oauth.provider.tenant_rules import TenantRule
from netscript_kernel.jose.jws import Jws
from netscript_kernel.json_documents import is_array, is_object

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
# Providers are advised to let them live for two minutes (section 2.4); one that is sent again, since we did
# not answer, may be older.
FRESH: Final = timedelta(minutes=10)
# "JWT" says what it is of every token, so as good as nothing: Keycloak wrote it until version 25
# (github.com/keycloak/keycloak/issues/28939). Everything else is the name of another kind of token.
_TYPES: Final = frozenset({None, "jwt", "logout+jwt"})
MOST_CHARACTERS: Final = 255
_MOST_SECONDS: Final = 10**12


@dataclass(frozen=True, slots=True)
class WantedLogout:
    """What this logout token is wanted to be.

    Attributes:
        provider_id: Whose it is said to be.
        issuers: Values that ``iss`` may have.
        client_id: We.
        now: Seconds since 1970-01-01T00:00Z.
        tenants: Instead of ``issuers``, where ``iss`` differs with the person's tenant.
    """

    provider_id: str
    issuers: tuple[str, ...]
    client_id: str
    now: float
    tenants: TenantRule | None = None


@dataclass(frozen=True, slots=True)
class LogoutClaims:
    """What a logout token means: a person (``sub``), a session of theirs at the provider (``sid``), or both.

    Attributes:
        token_id: Its ``jti``.
        refused_from: Seconds since 1970; from then on it is refused for its age.
    """

    subject: str | None
    sid: str | None
    token_id: str = field(repr=False)
    refused_from: float


def check_logout_claims(jws: Jws, wanted: WantedLogout) -> LogoutClaims:
    """Refuse a token that is no logout token for us, and return what it means.

    Raises:
        LogoutRefusedError: says which check refused, with a value only where that tells nothing of anybody.
    """
    claims = jws.claims
    if jws.typ not in _TYPES:
        raise _refusal(LogoutReason.TYPE_MISMATCH, wanted, "typ logout+jwt, or none", jws.typ)
    _check_event(claims, wanted)
    _check_issuer(claims, wanted)
    _check_audience(claims, wanted)
    refused_from = _check_times(claims, wanted)
    subject, sid = _person(claims, wanted)
    token_id = _text(claims, "jti", LogoutReason.JTI_INVALID, wanted)
    if token_id is None:
        raise _refusal(LogoutReason.JTI_INVALID, wanted, "jti", None)
    return LogoutClaims(subject, sid, token_id, refused_from)


def _check_event(claims: Mapping[str, object], wanted: WantedLogout) -> None:
    events = claims.get("events")
    if not is_object(events) or not is_object(events.get(EVENT)):
        raise _refusal(LogoutReason.EVENTS_INVALID, wanted, f"events with an object {EVENT}", "another")
    # Who has a nonce is an id token that wants to be more (section 2.4).
    if "nonce" in claims:
        raise _refusal(LogoutReason.NONCE_PRESENT, wanted, "no nonce", "one")


def _check_issuer(claims: Mapping[str, object], wanted: WantedLogout) -> None:
    allowed = wanted.issuers
    if wanted.tenants is not None:
        issuer = wanted.tenants.issuer_of(claims)
        allowed = (issuer,) if issuer is not None else ()
    seen = claims.get("iss")
    if not isinstance(seen, str) or seen not in allowed:
        raise _refusal(LogoutReason.ISS_MISMATCH, wanted, "the issuer of this provider", seen)


def _check_audience(claims: Mapping[str, object], wanted: WantedLogout) -> None:
    """Hold ``aud`` and ``azp`` to what an id token's have to be (OpenID Connect Core section 3.1.3.7)."""
    audience, party = claims.get("aud"), claims.get("azp")
    named = audience if is_array(audience) else [audience]
    is_ours = wanted.client_id in named and all(isinstance(each, str) for each in named)
    is_shared = len(named) > 1 or "azp" in claims
    if not is_ours or (is_shared and party != wanted.client_id):
        raise _refusal(LogoutReason.AUD_MISMATCH, wanted, f"{wanted.client_id}", audience)


def _check_times(claims: Mapping[str, object], wanted: WantedLogout) -> float:
    """Return from when on the token is refused for its age."""
    skew, now = CLOCK_SKEW.total_seconds(), wanted.now
    issued, ends = _time(claims, "iat", wanted), _time(claims, "exp", wanted)
    begins = _time(claims, "nbf", wanted) if "nbf" in claims else issued
    refused_from = min(ends, issued + FRESH.total_seconds()) + skew
    if now >= refused_from or max(issued, begins) > now + skew:
        expected = f"iat within {FRESH.total_seconds():g} seconds, exp to come"
        seen = f"iat {issued:g}, exp {ends:g} at {now:g}"
        raise _refusal(LogoutReason.TIME_INVALID, wanted, expected, seen)
    return refused_from


def _time(claims: Mapping[str, object], name: str, wanted: WantedLogout) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST_SECONDS:
        raise _refusal(LogoutReason.TIME_INVALID, wanted, f"{name} as a number of seconds", value)
    return float(value)


def _person(claims: Mapping[str, object], wanted: WantedLogout) -> tuple[str | None, str | None]:
    subject = _text(claims, "sub", LogoutReason.SUBJECT_INVALID, wanted)
    sid = _text(claims, "sid", LogoutReason.SUBJECT_INVALID, wanted)
    if subject is None and sid is None:
        raise _refusal(LogoutReason.SUBJECT_MISSING, wanted, "sub or sid", None)
    if subject is not None and not is_subject(subject):
        raise _refusal(LogoutReason.SUBJECT_INVALID, wanted, "a visible sub", "another")
    return subject, sid


def _text(claims: Mapping[str, object], name: str, reason: LogoutReason, wanted: WantedLogout) -> str | None:
    """Return a text that may be left out; anything else in its place is refused, not passed over."""
    if name not in claims:
        return None
    value = claims[name]
    if not isinstance(value, str) or not 0 < len(value) <= MOST_CHARACTERS:
        expected = f"{name} of 1 to {MOST_CHARACTERS} characters"
        raise _refusal(reason, wanted, expected, type(value).__name__)
    return value


def _refusal(reason: LogoutReason, wanted: WantedLogout, expected: str, seen: object) -> LogoutRefusedError:
    return LogoutRefusedError(
        reason, expected=expected, seen=shown_claim(seen), provider_id=wanted.provider_id
    )
