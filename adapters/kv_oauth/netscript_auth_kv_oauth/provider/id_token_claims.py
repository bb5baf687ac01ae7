"""What an id token must say (OpenID Connect Core 1.0 section 3.1.3.7).

Authlib checks what the specification lists. Beside that stands what it lets pass: an empty subject, a token
of another type, lifetimes of centuries.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from authlib.oidc.core import CodeIDToken
from joserfc.errors import ClaimError

from netscript_auth_core.domain import MOST_SUBJECT
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider.refusals import shown_claim
from netscript_auth_kv_oauth.provider.tenant_rules import TenantRule
from netscript_kernel.jose.jws import Jws

# How far a provider's clock may be off ours; the one place where this is decided.
CLOCK_SKEW: Final = timedelta(seconds=60)
# No provider issues longer ones; whoever writes "never expires" did not mean a sign-in.
LONGEST_LIFE: Final = timedelta(days=31)
_SUBJECT: Final = re.compile(rf"[\x20-\x7e]{{1,{MOST_SUBJECT}}}")
_TIMES: Final = ("exp", "iat", "nbf", "auth_time")
_MOST_SECONDS: Final = 10**15
_HALF_HASH: Final = re.compile(r"[A-Za-z0-9_-]{1,86}")
_SHOWN: Final = frozenset({"iss", "aud", "azp", "exp", "iat", "nbf", "auth_time"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What this id token is wanted to be.

    Attributes:
        provider_id: Whose it is, for messages.
        issuers: Values that ``iss`` may have.
        client_id: We.
        nonce: Of this flow; ``None`` at a refresh, where there is none, and where none comes back.
        access_token: That came with it.
        now: Seconds since 1970-01-01T00:00Z.
        tenants: Instead of ``issuers``, where ``iss`` differs with the person's tenant.
        max_age: How many seconds ago the person may have shown who they are; ``None`` for at any time.
    """

    provider_id: str
    issuers: tuple[str, ...]
    client_id: str
    nonce: str | None = field(repr=False)
    access_token: str = field(repr=False)
    now: float
    tenants: TenantRule | None = None
    max_age: int | None = None


def check_claims(jws: Jws, wanted: Wanted) -> str:
    """Refuse a token that is not the wanted one; return its subject.

    Raises:
        FlowRefusedError: with the claim in ``expected``, and its value where that tells nothing of anybody.
    """
    claims = jws.claims
    _check_type(jws, wanted)
    times = {name: _time(name, claims.get(name), wanted) for name in _TIMES if _is_needed(name, claims)}
    subject = _subject(claims.get("sub"), wanted)
    _check_half_hash(claims.get("at_hash"), wanted)
    _check_nonce(claims.get("nonce"), wanted)
    _check_listed(jws, wanted)
    _check_life(times, wanted)
    _check_age(times.get("auth_time"), wanted)
    return subject


def authenticated_at(claims: Mapping[str, object], now: float) -> datetime | None:
    """Return when the person showed who they are, by a token that was checked.

    ``None`` where it does not say, or says what cannot be: what is to come, or long gone.
    """
    value = claims.get("auth_time")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_possible = 0 <= value <= now + CLOCK_SKEW.total_seconds()
    return datetime.fromtimestamp(min(value, now), UTC) if is_possible else None


def is_subject(text: str) -> bool:
    """Whether this can be the id of a person: 1 to 255 visible characters (OpenID Connect Core section 2)."""
    return bool(_SUBJECT.fullmatch(text) and text.strip())


def _check_type(jws: Jws, wanted: Wanted) -> None:
    # An access token says "at+jwt", a logout token "logout+jwt" (RFC 8725 section 3.11).
    if jws.typ not in {None, "jwt"}:
        raise _refusal(wanted, "typ JWT or none", jws.typ)


def _is_needed(name: str, claims: Mapping[str, object]) -> bool:
    return name in claims or name in {"exp", "iat"}


def _time(name: str, value: object, wanted: Wanted) -> float:
    # Seconds beyond this are no date of anybody's, and no number that can be reckoned with.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST_SECONDS:
        raise _refusal(wanted, f"{name} as a number of seconds", value)
    return float(value)


def _subject(value: object, wanted: Wanted) -> str:
    if isinstance(value, str) and is_subject(value):
        return value
    raise FlowRefusedError(
        FlowReason.SUBJECT_INVALID,
        expected=f"sub of 1 to {MOST_SUBJECT} visible ASCII characters",
        seen=type(value).__name__ if not isinstance(value, str) else f"{len(value)} characters",
        provider_id=wanted.provider_id,
    )


def _check_nonce(value: object, wanted: Wanted) -> None:
    if wanted.nonce is None:
        return
    seen = value if isinstance(value, str) else ""
    if not hmac.compare_digest(seen.encode("utf-8", "replace"), wanted.nonce.encode()):
        raise FlowRefusedError(
            FlowReason.NONCE_MISMATCH,
            expected="the nonce of this flow",
            seen="another" if seen else "none",
            provider_id=wanted.provider_id,
        )


def _check_half_hash(value: object, wanted: Wanted) -> None:
    # Whether it is the right one is judged with the rest; Authlib takes it for text whatever it is.
    if value is not None and not (isinstance(value, str) and _HALF_HASH.fullmatch(value)):
        raise _refusal(wanted, "a valid at_hash", "another")


def _check_listed(jws: Jws, wanted: Wanted) -> None:
    token = CodeIDToken(
        jws.claims,
        {"alg": _half_hash_name(jws.algorithm)},
        options={
            "iss": {"essential": True, "values": _issuers(jws, wanted)},
            "aud": {"essential": True, "value": wanted.client_id},
        },
        params={"client_id": wanted.client_id, "access_token": wanted.access_token},
    )
    try:
        token.validate(now=int(wanted.now), leeway=int(CLOCK_SKEW.total_seconds()))
    except ClaimError as error:
        seen = jws.claims.get(error.claim) if error.claim in _SHOWN else "another"
        raise _refusal(wanted, f"a valid {error.claim}", seen) from None


def _issuers(jws: Jws, wanted: Wanted) -> list[str]:
    if wanted.tenants is None:
        return list(wanted.issuers)
    issuer = wanted.tenants.issuer_of(jws.claims)
    if issuer is None:
        raise _refusal(wanted, f"a {wanted.tenants.claim} among the allowed tenants", "another")
    return [issuer]


def _check_life(times: Mapping[str, float], wanted: Wanted) -> None:
    longest = LONGEST_LIFE.total_seconds()
    if times["exp"] - wanted.now > longest or wanted.now - times["iat"] > longest:
        seen = f"{times['iat']:g} to {times['exp']:g}"
        raise _refusal(wanted, f"iat and exp within {LONGEST_LIFE.days} days", seen)


def _check_age(auth_time: float | None, wanted: Wanted) -> None:
    """Hold ``max_age`` against what the provider says (OpenID Connect Core section 3.1.3.7, item 13)."""
    if wanted.max_age is None:
        return
    if auth_time is None:
        raise _aged(FlowReason.AUTH_TIME_MISSING, wanted, "none")
    skew = CLOCK_SKEW.total_seconds()
    if auth_time > wanted.now + skew:
        raise _refusal(wanted, "an auth_time that has come", f"{auth_time:g}")
    if wanted.now - auth_time > wanted.max_age + skew:
        raise _aged(FlowReason.AUTH_TIME_TOO_OLD, wanted, f"{wanted.now - auth_time:.0f} seconds ago")


def _aged(reason: FlowReason, wanted: Wanted, seen: str) -> FlowRefusedError:
    expected = f"auth_time within {wanted.max_age} seconds"
    return FlowRefusedError(reason, expected=expected, seen=seen, provider_id=wanted.provider_id)


def _half_hash_name(algorithm: str) -> str:
    # RFC 9864 renames EdDSA with this curve; Authlib knows its hash by the old name.
    return "EdDSA" if algorithm == "Ed25519" else algorithm


def _refusal(wanted: Wanted, expected: str, seen: object) -> FlowRefusedError:
    return FlowRefusedError(
        FlowReason.ID_TOKEN_INVALID,
        expected=expected,
        seen=shown_claim(seen),
        provider_id=wanted.provider_id,
    )
