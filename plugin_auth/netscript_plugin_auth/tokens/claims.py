"""What a token says of who asks (RFC 9068, the JWT profile of access tokens)."""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from netscript_auth_core.domain import AuthSession, Principal
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Identity
from netscript_auth_core.reasons import AnonymousReason

CLIENT_ID: Final = "netscript"

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Life:
    """From when until when a token is good, in seconds since 1970."""

    issued_at: int
    expires_at: int

    @property
    def seconds(self) -> int:
        """How long."""
        return self.expires_at - self.issued_at


def life_of(session: AuthSession, now: datetime, ttl: timedelta) -> Life:
    """Return the life of a token, which ends with its session at the latest.

    Raises:
        SessionEndedError: the session ends within this second.
    """
    ending = min(now + ttl, session.idle_expires_at, session.expires_at)
    life = Life(math.floor(now.timestamp()), math.floor(ending.timestamp()))
    if life.seconds <= 0:
        raise SessionEndedError(AnonymousReason.SESSION_EXPIRED)
    return life


def claims_of(
    identity: Identity, principal: Principal, life: Life, *, issuer: str, audience: str
) -> dict[str, object]:
    """Return the claims of a token.

    The session is named by its handle, which lets nobody in. When the person was there is told only
    where it is proven (RFC 9068 section 2.2.1), and an address only where the provider vouches for it:
    services take it for who somebody is.
    """
    session, user = identity.session, identity.user
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": principal.user_id,
        "aud": audience,
        "client_id": CLIENT_ID,
        "iat": life.issued_at,
        "exp": life.expires_at,
        "jti": secrets.token_urlsafe(_ID_BYTES),
        "sid": principal.session_handle,
        "scope": " ".join(principal.scopes),
        "roles": list(principal.roles),
        "backend": principal.backend,
        "provider_id": principal.provider_id,
    }
    if session.authenticated_at is not None:
        claims["auth_time"] = math.floor(session.authenticated_at.timestamp())
    if user.email is not None and user.email_verified:
        claims |= {"email": user.email, "email_verified": True}
    if user.name is not None:
        claims["name"] = user.name
    return claims
