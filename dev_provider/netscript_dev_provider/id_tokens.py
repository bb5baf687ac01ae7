"""Id tokens and logout tokens: what is in them, and how they are signed, rightly or wrongly."""

import json
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.util import urlsafe_b64encode

from netscript_dev_provider.changes import Change, Members
from netscript_dev_provider.config import Client, ProviderConfig
from netscript_dev_provider.keys import SIGNING_ALGORITHM, SigningKeys
from netscript_dev_provider.misbehaviour import Misbehaviour, chosen
from netscript_dev_provider.personas import Behaviour, Persona
from netscript_dev_provider.records import SignIn
from netscript_dev_provider.token_faults import (
    CLAIM_FAULTS,
    HEADER_FAULTS,
    LOGOUT_CLAIM_FAULTS,
    LOGOUT_EVENT,
    LOGOUT_HEADER_FAULTS,
    SIGNATURE_FAULTS,
)

_SCOPE_OF_CLAIM = {"email": "email", "email_verified": "email"}


def claims_about(persona: Persona, scope: str) -> Members:
    """Return what a scope lets an application know about a person (OpenID Connect Core 1.0 section 5.4)."""
    granted = set(scope.split())
    everything: Members = {"name": persona.name, **persona.claims}
    allowed = {name: value for name, value in everything.items() if _scope_of(name) in granted}
    return {"sub": persona.subject, **allowed}


def _scope_of(claim: str) -> str:
    return _SCOPE_OF_CLAIM.get(claim, "profile")


class IdTokens:
    """Writes the id tokens of one provider.

    Args:
        config: Issuer and lifetimes.
        clock: Where the time comes from.
        keys: What signs.
        misbehaviours: Tells the faults that are switched on; asked at every token.
    """

    def __init__(
        self,
        config: ProviderConfig,
        clock: Callable[[], datetime],
        keys: SigningKeys,
        misbehaviours: Callable[[], Collection[Misbehaviour]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._keys = keys
        self._misbehaviours = misbehaviours

    def write(self, sign_in: SignIn, access_token: str, scope: str, nonce: str | None) -> str:
        """Return the id token that goes with an access token (OpenID Connect Core 1.0 section 2)."""
        if sign_in.persona.behaviour is Behaviour.ROTATES_KEYS:
            self._keys.rotate()
        claims = self._claims(sign_in, access_token, scope, nonce)
        for change in chosen(CLAIM_FAULTS, self._misbehaviours()):
            change(claims)
        return self._signed(claims, sign_in.client, "JWT", HEADER_FAULTS)

    def write_logout(self, client: Client, *, subject: str | None = None, sid: str | None = None) -> str:
        """Return a logout token for an application (OpenID Connect Back-Channel Logout 1.0 section 2.4).

        Args:
            client: Who is told.
            subject: Who signed out; ``None`` where only the session is named.
            sid: Which session of theirs is over; ``None`` for all of them.
        """
        now = int(self._clock().timestamp())
        named = {"sub": subject, "sid": sid}
        claims: Members = {
            "iss": self._config.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + int(self._config.lifetimes.logout_token.total_seconds()),
            "jti": secrets.token_urlsafe(16),
            "events": {LOGOUT_EVENT: {}},
            **{name: value for name, value in named.items() if value is not None},
        }
        for change in chosen(LOGOUT_CLAIM_FAULTS, self._misbehaviours()):
            change(claims)
        return self._signed(claims, client, "logout+jwt", LOGOUT_HEADER_FAULTS)

    def sign(self, claims: Members, typ: str = "JWT") -> str:
        """Sign any claims with the published key, such as those of a logout token."""
        return jwt.encode(self._header(typ), claims, self._keys.current, [SIGNING_ALGORITHM])

    def _claims(self, sign_in: SignIn, access_token: str, scope: str, nonce: str | None) -> Members:
        now = int(self._clock().timestamp())
        at_hash = create_half_hash(access_token, SIGNING_ALGORITHM) or b""
        claims: Members = {
            "iss": self._config.issuer,
            "aud": sign_in.client.client_id,
            "iat": now,
            "exp": now + int(self._config.lifetimes.id_token.total_seconds()),
            "auth_time": int(sign_in.authenticated_at.timestamp()),
            "sid": sign_in.session_id,
            "at_hash": at_hash.decode(),
            **claims_about(sign_in.persona, scope),
        }
        return claims if nonce is None else {**claims, "nonce": nonce}

    def _signed(
        self, claims: Members, client: Client, typ: str, faults: Mapping[Misbehaviour, Change]
    ) -> str:
        header = self._header(typ)
        header_faults = chosen(faults, self._misbehaviours())
        signature_faults = chosen(SIGNATURE_FAULTS, self._misbehaviours())
        if not header_faults and not signature_faults:
            return self.sign(claims, typ)
        for change in header_faults:
            change(header)
        sign: Callable[[bytes], bytes] = self._keys.sign
        for replace in signature_faults:
            sign = replace(header, client, self._keys)
        return _compact(header, claims, sign)

    def _header(self, typ: str) -> Members:
        return {"alg": SIGNING_ALGORITHM, "kid": self._keys.current.kid, "typ": typ}


def _compact(header: Members, claims: Members, sign: Callable[[bytes], bytes]) -> str:
    """Write a JWT (RFC 7515 section 3.1) without joserfc, which rightly refuses to write unsound ones."""
    parts = (urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
    message = b".".join(parts)
    return f"{message.decode()}.{urlsafe_b64encode(sign(message)).decode()}"
