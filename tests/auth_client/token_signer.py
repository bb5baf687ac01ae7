"""Signs access tokens as auth-api does, and as it never would."""

import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import httpx
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from netscript_kernel.clock import Clock
from tests.auth_client.pretend_auth_api import PUBLIC_URL, PretendAuthApi

AUDIENCE = "orders"
JWKS = "/.well-known/jwks.json"


class TokenSigner:
    """An issuer with one key.

    Attributes:
        key: By which it signs.
        header: Of its tokens.
    """

    def __init__(self, clock: Clock, kid: str = "one") -> None:
        self._clock = clock
        self.key = ECKey.generate_key("P-256", {"kid": kid})
        self.header: dict[str, Any] = {"alg": "ES256", "typ": "at+jwt", "kid": kid}

    @property
    def public(self) -> dict[str, Any]:
        """The key as it is published."""
        return {**self.key.as_dict(private=False), "alg": "ES256", "use": "sig"}

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(self._clock.unix())
        claims: dict[str, Any] = {
            "iss": PUBLIC_URL,
            "sub": "usr_alice",
            "aud": AUDIENCE,
            "client_id": "netscript",
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(16),
            "sid": "ses_one",
            "auth_time": now - 60,
            "scope": "openid orders:read",
            "roles": ["clerk"],
            "email": "alice@acme.example",
            "email_verified": True,
            "name": "Alice",
            "backend": "kv-oauth",
            "provider_id": "google",
        }
        claims |= more
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a token; a claim that is ``...`` is left out."""
        return self.sign_claims(self.claims(**claims), header)

    def sign_claims(self, claims: object, header: dict[str, Any] | None = None) -> str:
        head = {name: value for name, value in (self.header | (header or {})).items() if value is not ...}
        signed = f"{_part(head)}.{_part(claims)}"
        return f"{signed}.{_text(self.signature(signed.encode()))}"

    def signature(self, signed: bytes) -> bytes:
        signature: bytes = JWSRegistry.algorithms["ES256"].sign(signed, self.key)
        return signature


def publish(api: PretendAuthApi, *keys: dict[str, Any]) -> None:
    """Let auth-api publish these keys."""
    api.answers[JWKS] = lambda _: httpx.Response(200, json={"keys": list(keys)})


def _part(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
